"""Finding sums of money in running English text: value, currency, range and bound, with character offsets.

`find` needs a currency: "10m bridge" is ten metres, "$" alone and "Y" are nothing. What has no number of its own ("millions of
dollars", "multi-million-dollar") is no sum. A sum restated in another currency ("50 million yuan ($7.8 million)") is one sum,
and keeps the restatement beside it. A sum above `LARGEST`, more than the world's yearly product, is refused as a misprint.
"""

import csv
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from engagement import project
from engagement.errors import ConfigurationError

LARGEST = 1e15

MULTIPLIERS = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "lakhs": 1e5, "million": 1e6, "millions": 1e6, "mln": 1e6, "mn": 1e6, "m": 1e6,
    "mil": 1e6, "crore": 1e7, "crores": 1e7, "billion": 1e9, "billions": 1e9, "bln": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12, "trn": 1e12, "tn": 1e12,
}  # fmt: skip
UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
# Khmer and full-width digits and signs stand for the ASCII ones, one for one, so offsets do not move.
_SAME = str.maketrans("០១២៣៤៥៦៧៨៩０１２３４５６７８９＄￥￡\u00a0\u202f\u2009", "01234567890123456789$¥£   ")


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of money: offsets, value (a range's midpoint) with low and high, ISO currency, bound, and a restatement."""

    start: int
    end: int
    value: float
    low: float
    high: float
    currency: str
    bound: str
    restated_value: float = 0.0
    restated_currency: str = ""


@dataclass(frozen=True, slots=True)
class _Currencies:
    pattern: re.Pattern[str]
    prefixes: dict[str, str]
    suffixes: dict[str, str]


def _alternatives(surfaces: list[str], bounded: bool) -> str:
    parts = []
    for surface in sorted(surfaces, key=lambda s: (-len(s), s)):
        part = re.escape(surface).replace(r"\ ", r"[\s-]")
        parts.append(rf"{part}\b" if bounded and surface[-1].isalnum() else part)
    return "|".join(parts)


# Thousands commas; a decimal comma only before a multiplier ("1,5 million"); plain digits; ".5".
NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)|\d{1,3},\d{1,2}(?=\s?(?:million|billion|trillion|mn|bn|m)\b)"
    r"|\d{1,30}(?:\.\d+)?|\.\d+)"
)
TIMES = r"(?:[\s-]{0,2}(?:thousand|million|millions|billion|billions|trillion|lakhs?|crores?|mln|bln|trn|mil)\b|[\s]?(?:mn|bn|tn|m|b|k)\b(?!['’]))"
_SMALL = "|".join([*UNITS, *TENS, "hundred", "half", "quarter"])
WORDS = (
    rf"(?:(?:an?|{_SMALL})\b(?:[\s-]+(?:and|a|of|{_SMALL}|thousand|million|billion|trillion)\b){{0,9}}"
    r"|(?:million|billion)(?=-dollar))"
)


@lru_cache(maxsize=1)
def currencies() -> _Currencies:
    """Return the compiled pattern of sums and the currency of each sign, code and word in `currencies.csv`.

    Raises
    ------
    ConfigurationError
        If a row names no ISO code or no place (`before`, `after`); the message names the row.
    """
    prefixes: dict[str, str] = {}
    suffixes: dict[str, str] = {}
    with project.reference("currencies.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            where = f"data/reference/currencies.csv, row {number}"
            if not re.fullmatch("[A-Z]{3}", row["currency"]) or not row["surface"]:
                raise ConfigurationError(f"{where}: needs a surface and a three-letter ISO code; correct the row")
            places = row["place"].split(";")
            if not places or set(places) - {"before", "after"}:
                raise ConfigurationError(
                    f"{where}: place {row['place']!r} is unknown; write before, after or before;after"
                )
            if "before" in places:
                prefixes[row["surface"].lower()] = row["currency"]
            if "after" in places:
                suffixes[row["surface"].lower()] = row["currency"]
    before = _alternatives(list(prefixes), bounded=False)
    after = _alternatives(list(suffixes), bounded=True)
    second = rf"(?:\s?(?P<dash>[-–—]|\bto\b|\band\b)\s?(?P<sign2>{before})?\s?(?P<n2>{NUMBER})(?P<t2>{TIMES})?)?"
    pattern = (
        rf"(?<![\w.,])(?:(?P<sign>{before})\s?(?P<n1>{NUMBER})(?P<t1>{TIMES})?{second}(?:[\s-]?(?P<sfx>{after}))?"
        rf"|(?P<m1>{NUMBER})(?P<u1>{TIMES})?(?:\s?(?P<mdash>[-–—]|\bto\b|\band\b)\s?(?P<m2>{NUMBER})(?P<u2>{TIMES})?)?"
        rf"(?:\s+of)?[\s-]{{0,2}}(?P<unit>{after})"
        rf"|(?P<words>{WORDS})[\s-]+(?P<wunit>{after}))"
    )
    return _Currencies(re.compile(pattern, re.IGNORECASE), prefixes, suffixes)


def number(text: str) -> float:
    """Return the value of digits with thousands commas, or with a decimal comma ("1,5")."""
    if re.fullmatch(r"\d+,\d\d?", text):
        return float(text.replace(",", "."))
    return float(text.replace(",", ""))


def times(text: str | None) -> float:
    """Return the factor a multiplier word stands for; 1 for none."""
    return MULTIPLIERS[text.strip(" -\t\n").lower()] if text else 1.0


def words_value(text: str) -> float | None:
    """Return the value of number words ("two and a half million", "half a billion"); None if they tell no number."""
    total, part, last, seen = 0.0, 0.0, 0.0, False
    words = re.split(r"[\s-]+", text.lower().strip())
    for position, word in enumerate(words):
        if word in UNITS or word in TENS:
            part, seen = part + UNITS.get(word, TENS.get(word, 0)), True
        elif word in ("half", "quarter"):
            fraction = 0.5 if word == "half" else 0.25
            if total and not part and "and" in words[:position]:  # "a million and a half"
                total += fraction * last
            else:
                part += fraction
            seen = True
        elif word == "hundred":
            part, seen = (part or 1) * 100, True
        elif word in MULTIPLIERS:
            last = MULTIPLIERS[word]
            total, part, seen = total + (part or 1) * last, 0.0, True
        elif word not in ("a", "an", "and", "of"):
            return None
    return total + part if seen and total + part > 0 else None


_ABOUT = r"about|around|some|roughly|approximately|approx\.?|circa|an estimated|estimated(?: at)?|nearly|almost|close to|near|in the region of|to the tune of|or so|just short of|worth about|in the neighbou?rhood of|c\.|~|≈"
_MIN = (
    r"more than|over|above|exceed(?:s|ed|ing)?|upwards? of|at least|no less than|not less than|surpass(?:es|ed|ing)?|"
    r"in excess of|topp(?:ed|ing)|tops|top|past|beyond|well over|just over|a little over|slightly over|slightly more than|"
    r"a minimum of|minimum|min\.?|greater than|north of|starting (?:at|from)|passed|crossed|>|≥"
)
_MAX = (
    r"up to|at most|no more than|not more than|less than|under|below|as much as|a maximum of|maximum(?: of)?|max\.?|"
    r"not exceeding|within|just under|just below|fewer than|capped at|a ceiling of|as high as|<|≤"
)
_FILL = r"(?:\s+(?:a|an|the|the equivalent of|equivalent to|another|an? additional|a further|a total of|in|worth|of|its|their|combined|further|additional|total|annual))*"
_BEFORE = re.compile(
    rf"(?<!\w)(?<!add )(?<!adds )(?<!added )(?<!adding )(?:(?P<max>{_MAX})|(?P<min>{_MIN})|(?P<about>{_ABOUT})){_FILL}\s*\(?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^(?:(?P<min>\s?\+|\s+or more\b|\s?plus\b|-plus\b|\s+and (?:more|above|up)\b|\s+at (?:least|a minimum)\b)"
    r"|(?P<max>\s+or (?:less|fewer)\b|\s+at (?:most|the most)\b|\s+maximum\b)"
    r"|(?P<about>\s+or so\b|-odd\b|\s+or thereabouts\b))",
    re.IGNORECASE,
)


# "asked about $18 million" names a subject, not a rough figure.
_SPEAKING = re.compile(r"\b(?:ask\w*|briefing|talk\w*|questions?|questioned|complain\w*|concerns?|worr\w+|told|doubts?|news|debate\w*|discussions?|spoke|row|learnt?|heard)\s+$", re.I)  # fmt: skip


def bound(text: str, start: int, end: int) -> str:
    """Return exact, about, min or max from the words just before or after the sum."""
    lead = text[max(0, start - 60) : start]
    for match in (_BEFORE.search(lead), _AFTER.match(text[end : end + 16])):
        if match and not (match.group("about") == "about" and _SPEAKING.search(lead[: match.start()])):
            return next(name for name in ("max", "min", "about") if match.group(name))
    return "exact"


_CHANGE = re.compile(r"\b(?:ros|rise|risen|fell|fall|grew|grow|jump|up|down|rais|cut|increas|decreas|climb|drop|doubl|tripl|slash|soar|surg|swell|shr[aiu]nk|declin|lift|expand|slip|reduc|hik)\w*\b", re.IGNORECASE)  # fmt: skip
_RANGE_GAP = re.compile(r"\s?(?:-|–|—|to|and|or)\s?(?:about |around |some |nearly |almost |up to )?", re.IGNORECASE)
_RESTATED = re.compile(
    r"\s*(?:[(\[,–—/=≈-]|,?\s*\bor\b|,?\s*\b(?:equivalent|equal|equalling|equivalently|amounting|worth|valued)\b)[\s(]*"
    r"(?:(?:or|about|around|some|roughly|approximately|nearly|almost|over|more than|just over|just under|close to|the|equivalent|equal|amounting|worth|"
    r"to|of|at|the time|i\.e\.|then|today|now|US|currently|valued|a|little|approx\.?|=|~|≈)\s*)*",
    re.IGNORECASE,
)
_NOTES_OF = re.compile(r"\b(?:bank)?(?:notes|bills|coins)\s+of\s*$", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:,|and|or|, and)\s*", re.IGNORECASE)
_EVERY = re.compile(r"\bevery\s+$", re.IGNORECASE)
_NOTE = re.compile(
    r"^[\s-]?(?:(?:silver|gold|commemorative|new|old|paper|metal|worn|torn)\s)?(?:bank)?(?:notes?|bills?|coins?|banknotes?|stamps?)\b",
    re.IGNORECASE,
)
_WON_BY = re.compile(r"^\s+(?:the|a|an|their|his|her|seats?|medals?|votes?|back|over)\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:several|few|many|multi|some tens of|couple of|dozens? of|tens of|hundreds of|thousands of)[\s-]*$", re.I
)


def find(text: str, yuan: bool = False) -> list[Sum]:
    """Return the sums of money in a text, in order, ranges joined and restatements folded in.

    `yuan` tells that a bare ¥ is Chinese; without it ¥ is yuan only where the text itself speaks of yuan and not of yen.
    """
    plain = text.translate(_SAME)
    lowered = plain.lower()
    if "yuan" in lowered or "renminbi" in lowered or "rmb" in lowered:
        yuan = "yen" not in lowered
    known = currencies()
    singles, position, denomination = [], 0, -1
    while match := known.pattern.search(plain, position):
        found = _sum(plain, match, known, yuan)
        position = match.end() if found is None else found.end
        listed = denomination >= 0 and _LISTED.fullmatch(plain[denomination : match.start()])
        before = plain[max(0, match.start() - 16) : match.start()]
        if listed or _NOTES_OF.search(before):
            denomination = position  # "notes of $1, $2 and $5" are no sums
            continue
        if _EVERY.search(before):
            continue  # "four in every ten dollars" is a share
        if found is not None:
            singles.append(found)
    return _restated(plain, _ranges(plain, singles))


def _code(known: _Currencies, sign: str | None, suffix: str | None, yuan: bool) -> str:
    """Return the currency; a word behind ("$5 million Australian dollars") settles a bare sign before."""
    if suffix:
        code = known.suffixes[re.sub(r"[\s-]", " ", suffix.lower())]
        if not sign or sign == "$" and code != "USD":
            return code
    if sign is None:
        return ""
    if sign == "¥":
        return "CNY" if yuan else "JPY"
    return known.prefixes[re.sub(r"[\s-]", " ", sign.lower())]


def _sum(text: str, match: re.Match[str], known: _Currencies, yuan: bool) -> Sum | None:
    group = match.group
    start, end = match.span()
    if group("words"):
        return _worded(text, match, known)
    if group("sign"):
        first, factor, second, factor2, dash = group("n1"), group("t1"), group("n2"), group("t2"), group("dash")
        code = _code(known, group("sign"), group("sfx"), yuan)
        signed = bool(group("sign2"))
        if group("sign").lower() == "y" and not (factor and len(factor.strip()) > 2):
            return None  # Y2K, Y5
        signed = signed or bool(group("sfx"))
        if second and not _is_range(first, factor, second, factor2, dash, signed, text[max(0, start - 60) : start]):
            # The second number is read again on its own.
            end, second = match.end("t1") if factor else match.end("n1"), None
    else:
        first, factor, second, factor2, dash = group("m1"), group("u1"), group("m2"), group("u2"), group("mdash")
        code, signed = _code(known, None, group("unit"), yuan), True
        if _doubtful(text, match, factor2 or factor, code):
            return None
        if second and not _is_range(first, factor, second, factor2, dash, True, text[max(0, start - 60) : start]):
            first, factor, second, start = second, factor2, None, match.start("m2")
    if _NOTE.match(text[end : end + 12]) and not factor:
        return None
    if not group("sign") and _VAGUE.search(text[max(0, start - 20) : start]):
        return None
    high = number(second) * times(factor2) if second else None
    low = number(first) * (
        times(factor) if factor or not second else times(factor2) if number(first) <= number(second) else 1
    )
    if high is not None and high < low:
        low, high = high, low
    return _checked(text, start, end, low, high, code)


def _is_range(
    first: str, factor: str | None, second: str, factor2: str | None, dash: str, signed: bool, before: str
) -> bool:
    """Tell a range from a sum followed by another number ("$100 to 300 families", "$5 million-2012")."""
    if dash.lower() in ("to", "and"):
        return (signed or bool(factor2) and not factor) and _spans(dash.lower(), before)
    if factor and not factor2:
        return False
    return signed or bool(factor2) or number(second) > number(first)


def _doubtful(text: str, match: re.Match[str], factor: str | None, code: str) -> bool:
    """Tell whether a currency word is likely another word: won (victory), pounds (weight)."""
    unit = match.group("unit").lower()
    if unit == "won":
        return not factor or bool(_WON_BY.match(text[match.end() : match.end() + 12]))
    if unit in ("pound", "pounds"):
        return not factor or text[match.end() : match.end() + 4] == " of "
    return code == ""


def _worded(text: str, match: re.Match[str], known: _Currencies) -> Sum | None:
    words, unit = match.group("words"), match.group("wunit").lower()
    before = text[max(0, match.start() - 16) : match.start()]
    value = words_value(words)
    if value is None or _VAGUE.search(before) or unit in ("won", "pound", "pounds") and value < 1e5:
        return None
    if _NOTE.match(text[match.end() : match.end() + 12]) and value < 1e6:
        return None
    if words.lower() in ("a", "an") or re.search(r"\d[\d.,]*[\s-]*$", before):
        return None
    if words.lower().startswith(("million", "billion")) and re.search(r"[\w]-$", before):
        return None  # multi-billion-dollar
    return _checked(text, *match.span(), value, None, known.suffixes[re.sub(r"[\s-]", " ", unit)])


def _checked(text: str, start: int, end: int, low: float, high: float | None, code: str) -> Sum | None:
    top = low if high is None else high
    if not code or not 0 < top <= LARGEST:
        return None
    # Scaling decimals leaves traces such as 7299999.999; sums of money are whole or have few decimals.
    low, top = round(low, 4), round(top, 4)
    return Sum(start, end, round((low + top) / 2, 4), low, top, code, bound(text, start, end))


def _ranges(text: str, singles: list[Sum]) -> list[Sum]:
    """Join "between $14 billion and $15 billion" and "$300 million to $500 million"; "rose from … to …" stays two sums."""
    joined: list[Sum] = []
    for item in singles:
        last = joined[-1] if joined else None
        if last and last.currency == item.currency and last.low == last.high and item.low == item.high:
            gap = text[last.end : item.start]
            before = text[max(0, last.start - 60) : last.start]
            link = gap.strip().lower().split(" ")[0]
            if _RANGE_GAP.fullmatch(gap) and last.value <= item.value and _spans(link, before):
                value = round((last.low + item.high) / 2, 4)
                start = last.start
                joined[-1] = replace(
                    last, end=item.end, value=value, high=item.high, bound=bound(text, start, item.end)
                )
                continue
        joined.append(item)
    return joined


def _spans(link: str, before: str) -> bool:
    if link == "and":
        return bool(re.search(r"\bbetween\s(?:about |around |some )?$", before, re.I))
    if link == "or":
        return False
    if re.search(r"\bfrom\s(?:about |around |some |just |nearly )?$", before, re.I):
        return not _CHANGE.search(before)
    return True


def _restated(text: str, sums: list[Sum]) -> list[Sum]:
    """Fold a restatement in another currency into the sum before it."""
    kept: list[Sum] = []
    for item in sums:
        last = kept[-1] if kept else None
        if last and last.currency != item.currency and not last.restated_currency:
            gap = text[last.end : item.start]
            if len(gap) <= 48 and _RESTATED.fullmatch(gap):
                kept[-1] = replace(last, restated_value=item.value, restated_currency=item.currency)
                continue
        kept.append(item)
    return kept
