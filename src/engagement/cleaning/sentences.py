"""Split a text into sentences by rules that can be read, so that each break can be explained.

A sentence ends at a mark of its kind (. ! ? … and their Chinese, Japanese and Khmer forms) that is followed by space and
by something that can open a sentence, unless the mark belongs to an abbreviation; and at the end of a paragraph. Nothing
is lost: every character that is not space belongs to exactly one sentence.
"""

import re

# Never the end of a sentence: a name follows.
_TITLES = (
    "mr mrs ms mx messrs mme dr prof gen lt col maj brig capt cmdr cdr adm sgt cpl pvt sen rep gov hon rev fr amb h.e "
    "pres pm supt ven mt ft st msgr sr jr"
)
# Not the end where a number follows: "No. 5", "Jan. 26", "pp. 3".
_BEFORE_NUMBER = "no nos art arts sec ch fig vol pp p para jan feb mar apr jun jul aug sept sep oct nov dec approx ca c"
# Not the end whatever follows.
_NEVER = "e.g i.e cf viz vs v al"
# The end only where an ordinary opening word follows, not a name: "U.S. officials", "in the U.S. He", "Inc. said".
_SOMETIMES = "inc ltd co corp bros etc est dept a.m p.m ph.d m.p"
# Words that open sentences and are no names; what follows an ambiguous abbreviation decides by them.
_OPENERS = (
    "the a an this that these those it its he she they we i you his her their our in on at by for from with after before "
    "since during under as if when while although though but and or so yet however meanwhile moreover also some many most "
    "several all both no not there here what who how why one two last earlier later"
)
_OPENER_SET = frozenset(_OPENERS.split())
_TITLE_SET = frozenset(_TITLES.split())
_NUMBER_SET = frozenset(_BEFORE_NUMBER.split())
_NEVER_SET = frozenset(_NEVER.split())
_SOMETIMES_SET = frozenset(_SOMETIMES.split())

_NAMES_BEFORE_SEN = ("Hun", "HUN", "Son", "SON")

_CLOSERS = "\"'”’»)\\]"
_OPENING = "\"'“‘«(\\["
# A mark, what closes after it, and the space that must follow; marks of scripts without spaces need none.
# A run of marks is tried from its first one only, and never given back: the time stays linear for any text.
_END = re.compile(rf"(?:(?<![.!?…])[.!?…]++[{_CLOSERS}]*+(?=\s)|[。！？។៕][{_CLOSERS}」』]*+)\s*+")
_WORD_BEFORE = re.compile(r"[^\W_](?:[\w.’'-]*[^\W_])?\Z")
_NEXT = re.compile(rf"[{_OPENING}\s]*([^\W_]+)?")
# A paragraph ends at an empty line, and at a line end after a line too short to have been wrapped.
_LINE = re.compile(r"(?<![^\S\n])[^\S\n]*+\n\s*+")
WRAPPED = 40  # characters; a shorter line was ended on purpose: a headline, a by-line, an item of a list
_LOOK_BACK = 40  # characters; longer than any abbreviation


def split(text: str) -> list[tuple[int, int]]:
    """Return the spans of a text's sentences, in order, without space at their ends.

    `text[start:end]` is the sentence; spans do not overlap and cover every character that is not space.
    """
    spans = []
    for start, end in _paragraphs(text):
        begin = start
        for mark in _END.finditer(text, start, end):
            if mark.end() < end and _ends_sentence(text, begin, mark, end):
                spans.append((begin, mark.end()))
                begin = mark.end()
        spans.append((begin, end))
    trimmed = (_trim(text, start, end) for start, end in spans)
    return [(start, end) for start, end in trimmed if start < end]


def _paragraphs(text: str) -> list[tuple[int, int]]:
    spans, begin, line = [], 0, 0
    for match in _LINE.finditer(text):
        blank = match.group().count("\n") > 1
        if blank or match.start() - line < WRAPPED:
            spans.append((begin, match.end()))
            begin = match.end()
        line = match.end()
    spans.append((begin, len(text)))
    return spans


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


def _ends_sentence(text: str, begin: int, mark: re.Match, end: int) -> bool:
    """Return whether the mark ends the sentence that began at `begin`."""
    if mark.group()[0] in "。！？។៕":
        return True
    following = _NEXT.match(text, mark.end(), end)
    word = following[1] or ""
    if word[:1].islower():
        return False
    # A question or exclamation, or a full stop inside closing marks, is no abbreviation.
    if mark.group().rstrip() != ".":
        return True
    before = _WORD_BEFORE.search(text, max(begin, mark.start() - _LOOK_BACK), mark.start())
    if before is None:
        return True
    last = before.group()
    # "Sen" is a senator's title, and a name in Cambodia.
    if last == "Sen" and text[max(begin, before.start() - 8) : before.start()].rstrip().endswith(_NAMES_BEFORE_SEN):
        return True
    return _after_word(last, last.lower().replace("’", "'"), word, first=before.start() == begin)


def _after_word(last: str, lower: str, word: str, first: bool) -> bool:
    """Return whether a full stop after the word `last` ends the sentence when `word` follows."""
    lower = lower.rsplit("-", 1)[-1]
    if lower in _TITLE_SET or lower in _NEVER_SET:
        return False
    if first and (last.isdigit() or len(last) == 1):
        return False  # "1. Trade": the number of an item
    initials = len(last) == 1 and last.isupper() and last != "I"
    if lower in _NUMBER_SET and not initials:
        return not word[:1].isdigit()
    # "U.S", "D.C", "J.B": single letters with stops between them
    dotted = re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", last) is not None
    if initials or dotted or lower in _SOMETIMES_SET:
        return word.lower() in _OPENER_SET
    return True
