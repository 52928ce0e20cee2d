"""The actor dictionary and the protected phrases: read, checked row by row, and turned into surfaces to look for.

`data/reference/actors.csv` says who speaks for which country, with the dates of each office; `traps.csv` says what
looks like an actor and is not. Both are kept in a spreadsheet by researchers, so every mistake is answered with the
row and the remedy.
"""

import csv
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engagement.errors import ConfigurationError

COLUMNS = ("actor_id", "country", "kind", "name", "aliases", "role", "level", "start", "end", "source", "sure")
KINDS = ("country", "person", "organisation", "media", "programme", "place")
LEVELS = ("L0", "L1", "L2", "L3", "L4")
TRAP_COLUMNS = ("surface", "looks_like", "true_reading", "rule", "kind", "forms", "cues", "example", "expected")
TRAP_KINDS = (
    "protected",
    "expand",
    "surname",
    "dictionary",
    "place",
    "history",
    "dyad",
    "money",
    "list",
    "level",
    "role",
)

# Offices that one person holds at a time; others, such as spokesman or senator, have several holders at once.
_ONE_HOLDER = re.compile(
    r"(vice )?president|prime minister|premier|emperor|king|crown prince|(foreign |defen[cs]e |commerce )?minister|secretary of"
    r"|chief cabinet secretary|attorney general|director of the|(us )?trade representative|usaid administrator|jica president"
    r"|ambassador to cambodia|commander, us pacific command|speaker of",
    re.I,
)
# Acronyms that are also words: in a text set in capitals they count for nobody.
SURNAME_FIRST = frozenset({"CN", "HK", "KP", "KR", "TW", "VN"})
WORDS_IN_CAPITALS = frozenset({"US", "WHO", "NED", "SAI", "PAS"})


@dataclass(frozen=True)
class Actor:
    """One row of `actors.csv`: an actor in one office. `start` and `end` are ISO days, empty where open."""

    actor_id: str
    country: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    role: str
    level: str
    start: str
    end: str
    source: str
    sure: str

    def surfaces(self) -> tuple[str, ...]:
        """Return the name and its aliases."""
        return (self.name, *self.aliases)

    def surname(self) -> str:
        """Return the part of a person's name used alone: the first where surnames come first, else the last."""
        words = self.name.split()
        if self.kind != "person" or len(words) < 2 or words[0] in ("Emperor", "King", "Queen", "Princess", "Prince"):
            return ""
        return words[0] if self.country in SURNAME_FIRST else words[-1]


@dataclass(frozen=True)
class Trap:
    """One row of `traps.csv`: what a surface looks like, what it is, the rule, and an example with its result.

    `kind` says how the rule works: `protected` (the `forms` count for nobody), `expand` (the forms count for the
    country whose cue stands in the document: `US=Millennium|compact;CN=Metallurgical`, `KH=*` where nothing else
    fits); the other kinds name the general rule that covers the row already.
    """

    surface: str
    looks_like: str
    true_reading: str
    rule: str
    kind: str
    forms: tuple[str, ...]
    cues: tuple[tuple[str, tuple[str, ...]], ...]
    example: str
    expected: str


@dataclass(slots=True)
class Surface:
    """What the automaton finds: one folded surface with all its readings."""

    exact: dict[str, tuple[Actor, ...]] = field(default_factory=dict)  # as written, for acronyms
    capital: tuple[Actor, ...] = ()  # needs a capital first letter
    anycase: tuple[Actor, ...] = ()
    surname_of: tuple[Actor, ...] = ()
    protected: bool = False
    expand: tuple[tuple[str, tuple[str, ...]], ...] = ()
    cue: int = 0  # bits of a referring expression, see `referring`
    noun: str = ""  # its noun in the singular


def _fold_character(character: str) -> str:
    """Return one character for one: plain Latin letters, digits and the dollar sign stay, everything else separates."""
    plain = unicodedata.normalize("NFKD", character)[:1].lower()
    return plain if len(plain) == 1 and plain.isascii() and (plain.isalnum() or plain == "$") else " "


class _Folding(dict):
    def __missing__(self, code: int) -> str:
        self[code] = _fold_character(chr(code))
        return self[code]


_FOLDING = _Folding()
_FOLDING_BYTES = bytes(ord(_fold_character(chr(n))) if n < 128 else ord(" ") for n in range(256))


def fold(text: str) -> str:
    """Return the text in lower case without accents, every separator a space; offsets stay the same.

    Letters of other scripts separate words as well, so that an English name inside Khmer or Chinese is found. An
    apostrophe spoilt by a wrong encoding (`â€™`) separates too.
    """
    if text.isascii():
        return text.encode().translate(_FOLDING_BYTES).decode()  # the same, and many times faster
    if "â€" in text:
        text = text.replace("â€™", "   ").replace("â€", "  ")
    return text.translate(_FOLDING)


def key(surface: str) -> str:
    """Return the folded surface between two spaces, the form in which the automaton holds it."""
    return f" {fold(surface).strip()} "


def fold_letters(surface: str) -> str:
    """Return the Latin letters and digits of a surface, the part that can be found; empty if there is none."""
    return fold(surface).strip()


def expand(pattern: str) -> Iterator[str]:
    """Return the phrases of a pattern: `Chinese (food|medicine)` stands for two; brackets do not nest."""
    parts = [part.split("|") for part in re.split(r"[()]", pattern)]
    for choice in itertools.product(*parts):
        yield re.sub(r"\s+", " ", "".join(choice)).strip()


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    where = f"data/reference/{path.name}"
    if not path.is_file():
        raise ConfigurationError(f"{where}: not there; restore it from the repository")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{where}: not UTF-8; save the spreadsheet as CSV UTF-8") from None
    reader = csv.DictReader(text.splitlines(keepends=True))
    missing = [c for c in columns if c not in (reader.fieldnames or [])]
    if missing:
        raise ConfigurationError(f"{where}, row 1: no column {missing[0]!r}; the header is {','.join(columns)}")
    for row in reader:
        if None in row or None in row.values():
            raise ConfigurationError(
                f"{where}, row {reader.line_num}: has {'more' if None in row else 'fewer'} cells than the header; "
                "put text with commas in double quotes"
            )
        yield reader.line_num, {c: row[c].strip() for c in columns}


def _day(value: str, column: str, where: str) -> str:
    try:
        return value and date.fromisoformat(value).isoformat()
    except ValueError:
        raise ConfigurationError(
            f"{where}: {column} {value!r} is no day; write it as 2016-01-26 or leave it empty"
        ) from None


def actors(path: Path) -> tuple[Actor, ...]:
    """Read and check the actor dictionary.

    Raises
    ------
    ConfigurationError
        If a row has an unknown kind, level or country, a duplicate identifier, an empty or repeated alias, a bad
        date, or an office that overlaps another holder's; the message names the row and the remedy.
    """
    read: list[tuple[int, Actor]] = []
    for line, row in _rows(path, COLUMNS):
        where = f"data/reference/{path.name}, row {line}"
        aliases = [a.strip() for a in row["aliases"].split(";")] if row["aliases"] else []
        for test, problem in (
            (not row["actor_id"], "actor_id is empty; give the row a name of its own, such as kr-yoon-suk-yeol"),
            (not row["name"], "name is empty; write the name as texts have it"),
            ("" in aliases, "an alias is empty; remove the extra semicolon"),
            (row["kind"] not in KINDS, f"kind {row['kind']!r} is unknown; use one of {', '.join(KINDS)}"),
            (row["level"] not in LEVELS, f"level {row['level']!r} is unknown; use one of {', '.join(LEVELS)}"),
            (row["sure"] not in ("yes", "no"), f"sure is {row['sure']!r}; write yes or no"),
        ):
            if test:
                raise ConfigurationError(f"{where}: {problem}")
        for surface in (row["name"], *aliases):
            if len(fold_letters(surface)) < 2:
                raise ConfigurationError(f"{where}: {surface!r} has fewer than two Latin letters; write it out")
        start, end = _day(row["start"], "start", where), _day(row["end"], "end", where)
        if start and end and start > end:
            raise ConfigurationError(f"{where}: ends on {end}, before it starts on {start}; swap or correct the dates")
        read.append((line, Actor(**{**row, "aliases": tuple(aliases), "start": start, "end": end})))
    _check_identifiers(read, path.name)
    _check_offices(read, path.name)
    return tuple(actor for _, actor in read)


def _check_identifiers(read: list[tuple[int, Actor]], name: str) -> None:
    first: dict[str, int] = {}
    countries = {a.country for _, a in read if a.kind == "country"}
    named: dict[str, int] = {}
    for line, actor in read:
        where = f"data/reference/{name}, row {line}"
        if actor.actor_id in first:
            raise ConfigurationError(
                f"{where}: actor_id {actor.actor_id!r} is row {first[actor.actor_id]}'s already; add -2 to this one"
            )
        first[actor.actor_id] = line
        if actor.country not in countries:
            raise ConfigurationError(
                f"{where}: country {actor.country!r} is unknown; add a row of kind country for it, or correct the code"
            )
        if actor.kind == "country" and actor.country in named:
            raise ConfigurationError(
                f"{where}: country {actor.country!r} has its row already (row {named[actor.country]}); put the names into its aliases"
            )
        if actor.kind == "country":
            named[actor.country] = line


def _check_offices(read: list[tuple[int, Actor]], name: str) -> None:
    offices = defaultdict(list)
    for line, actor in read:
        if actor.kind == "person" and actor.role:
            holder = "" if _ONE_HOLDER.match(actor.role) else actor.name
            offices[actor.country, actor.role.lower(), holder].append(
                (actor.start, actor.end or "9999-12-31", line, actor)
            )
    for held in offices.values():
        held.sort(key=lambda h: h[:3])
        for (_, end, line, before), (start, _, later, actor) in itertools.pairwise(held):
            if start < end:
                raise ConfigurationError(
                    f"data/reference/{name}, row {later}: {actor.name} is {actor.role} from {start or 'the beginning'} while row {line} "
                    f"has {before.name} there until {end}; end the earlier office or correct the dates"
                )


def traps(path: Path) -> tuple[Trap, ...]:
    """Read and check the protected phrases and ambiguous surfaces.

    Raises
    ------
    ConfigurationError
        If a row has an unknown kind, or a kind that needs forms or cues has none.
    """
    read = []
    for line, row in _rows(path, TRAP_COLUMNS):
        where = f"data/reference/{path.name}, row {line}"
        if row["kind"] not in TRAP_KINDS:
            raise ConfigurationError(f"{where}: kind {row['kind']!r} is unknown; use one of {', '.join(TRAP_KINDS)}")
        forms = tuple(f.strip() for f in row["forms"].split(";") if f.strip())
        if row["kind"] in ("protected", "expand") and not forms:
            raise ConfigurationError(
                f"{where}: a {row['kind']} row needs forms; list the phrases, separated by semicolons"
            )
        if any(f.count("(") != f.count(")") for f in forms):
            raise ConfigurationError(f"{where}: a bracket is not closed; write alternatives as (one|two)")
        cues = []
        for cue in filter(None, (c.strip() for c in row["cues"].split(";"))):
            country, sign, words = cue.partition("=")
            if not sign or not words:
                raise ConfigurationError(f"{where}: cue {cue!r} has no words; write it as US=Millennium|compact")
            cues.append((country.strip(), tuple(w.strip() for w in words.split("|"))))
        if row["kind"] == "expand" and not cues:
            raise ConfigurationError(f"{where}: an expand row needs cues; write them as US=Millennium|compact;KH=*")
        read.append(Trap(**{**row, "forms": forms, "cues": tuple(cues)}))
    return tuple(read)


def is_acronym(surface: str) -> bool:
    """Return whether a surface is an acronym, which is matched in exactly this spelling."""
    letters = surface.replace(".", "").replace("-", "")
    return (
        " " not in surface
        and len(letters) <= 8
        and sum(c.isupper() for c in letters) >= 2
        and letters[:1].isupper()
        and sum(c.islower() for c in letters) <= 1
    )


# British and American spellings stand for each other.
_SPELLINGS = [("Defense", "Defence"), ("Center", "Centre"), ("Organization", "Organisation"), ("Program", "Programme")]
_SPELLINGS += [
    ("Labor", "Labour"),
    ("Councilor", "Councillor"),
    ("Counselor", "Counsellor"),
    ("Cooperation", "Co-operation"),
]
_SPELLING = re.compile("|".join(rf"\b{word}\b" for pair in _SPELLINGS for word in pair))
_OTHER_SPELLING = dict(_SPELLINGS) | {british: american for american, british in _SPELLINGS}


def spellings(written: Iterable[str]) -> list[str]:
    """Return surfaces with those spelt the other way, British or American, each once."""
    other = (_SPELLING.sub(lambda m: _OTHER_SPELLING[m[0]], surface) for surface in written)
    return list(dict.fromkeys(itertools.chain.from_iterable(zip(written, other, strict=True))))


def surfaces(entries: Iterable[Actor], protected: Iterable[Trap]) -> dict[str, Surface]:
    """Return every folded surface with its readings: the dictionary's names, surnames and the protected phrases."""
    found: dict[str, Surface] = defaultdict(Surface)
    for actor in entries:
        for surface in filter(fold_letters, spellings(actor.surfaces())):
            entry = found[key(surface)]
            if is_acronym(surface):
                entry.exact[surface] = (*entry.exact.get(surface, ()), actor)
            elif " " not in surface and surface[0].isupper():
                entry.capital = (*entry.capital, actor)
            else:
                entry.anycase = (*entry.anycase, actor)
        if surname := actor.surname():
            entry = found[key(surname)]
            entry.surname_of = (*entry.surname_of, actor)
    for trap in protected:
        for form in itertools.chain.from_iterable(expand(f) for f in trap.forms):
            if trap.kind == "protected":
                found[key(form)].protected = True
            elif trap.kind == "expand":
                found[key(form)].expand = trap.cues
    return dict(found)
