"""What several coders agree on: what more than half of them gave; an even split stays undecided and counts neither way."""

from collections.abc import Sequence


def of_sets(codes: Sequence[frozenset[str]]) -> tuple[frozenset[str], frozenset[str]]:
    """Return (agreed, undecided): the codes that more than half of the coders gave, and those that just half gave."""
    given = sorted(frozenset().union(*codes))
    votes = {code: sum(code in c for c in codes) for code in given}
    agreed = frozenset(code for code in given if 2 * votes[code] > len(codes))
    undecided = frozenset(code for code in given if 2 * votes[code] == len(codes))
    return agreed, undecided


def of_values(codes: Sequence[object]) -> object | None:
    """Return the value that more than half of the coders gave, None where there is none."""
    for value in sorted(set(codes), key=str):
        if 2 * codes.count(value) > len(codes):
            return value
    return None
