"""English is told from other languages by letters and function words."""

import pytest

from engagement.corpus import language

# Invented for this test.
OTHERS = {
    "Dutch": "De minister heeft gisteren in de hoofdstad een verdrag getekend met de ambassadeur, die zei dat de brug over "
    "de rivier in het voorjaar klaar is en dat het geld van zijn regering komt.",
    "German": "Der Minister hat gestern in der Hauptstadt mit dem Botschafter einen Vertrag unterzeichnet. Die Brücke über "
    "den Fluss soll im Frühjahr fertig sein, das Geld kommt von seiner Regierung.",
    "French": "Le ministre a signé hier dans la capitale un accord avec l’ambassadeur, qui a dit que le pont sur le fleuve "
    "sera achevé au printemps et que l’argent vient de son gouvernement.",
    "Spanish": "El ministro firmó ayer en la capital un acuerdo con el embajador, quien dijo que el puente sobre el río "
    "estará terminado en la primavera y que el dinero viene de su gobierno.",
    "Indonesian": "Menteri itu menandatangani perjanjian dengan duta besar di ibu kota kemarin dan mengatakan bahwa jembatan "
    "di atas sungai akan selesai pada musim semi dengan uang dari pemerintahnya.",
    "Vietnamese": "Bộ trưởng đã ký một thỏa thuận với đại sứ tại thủ đô hôm qua và nói rằng cây cầu qua sông sẽ hoàn thành "
    "vào mùa xuân bằng tiền của chính phủ mình.",
    "Danish": "Ministeren underskrev i går en aftale med ambassadøren i hovedstaden, som sagde, at broen over floden bliver "
    "færdig til foråret, og at pengene kommer fra hans regering.",
    "Khmer": "រដ្ឋមន្ត្រីបានចុះហត្ថលេខាលើកិច្ចព្រមព្រៀងជាមួយឯកអគ្គរដ្ឋទូតនៅរាជធានីកាលពីម្សិលមិញ។",
    "Chinese": "部长昨天在首都与大使签署了协议，并表示河上的大桥将于春天完工，资金来自其政府。",
    "Japanese": "大臣は昨日、首都で大使と協定に署名し、川の橋は春に完成すると述べた。",
    "numbers": "2016 2017 2018 100 200 300",
}
ENGLISH = {
    "prose": "The minister signed an agreement with the ambassador in the capital yesterday, and said that the bridge over "
    "the river will be ready in spring.",
    "headline": "Minister signs bridge loan",
    "with Khmer": "The minister said ស្ពាន, the word for a bridge, to the ambassador, who wrote it down in the book that was "
    "on the table, and then they went to the river.",
    "capitals": "THE MINISTER SIGNED AN AGREEMENT WITH THE AMBASSADOR IN THE CAPITAL AND SAID THAT THE BRIDGE IS READY.",
    "accents": "The café of the attaché was the place for their first meeting with Sœur Chloë, who is from Québec, by the sea.",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_languages(text):
    assert not language.is_english(text)


@pytest.mark.parametrize("text", ENGLISH.values(), ids=ENGLISH)
def test_english(text):
    assert language.is_english(text)


def test_shares_can_be_checked_by_hand():
    assert language.latin_share("ab កខ") == 0.5
    assert language.latin_share("12 !") == 0
    assert language.function_share("The road of stone") == 0.5
    assert language.function_share("") == 0


def test_refusal_gives_the_shares(scratch, good):
    scratch.lines(good("a"), good("b", text=OTHERS["German"]))
    reason = scratch.build("lines").rejected["reason"].item()
    assert "100% Latin letters" in reason and "% function words" in reason
