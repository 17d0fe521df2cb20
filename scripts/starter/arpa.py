"""Language models as text, in the ARPA format."""

from collections.abc import Iterable


def successors(arpa: Iterable[str]) -> dict[str, set[str]]:
    """The words that each word is followed by in the bigrams of an ARPA file."""
    pairs: dict[str, set[str]] = {}
    within = False
    for line in arpa:
        if line.startswith("\\"):
            within = line.strip() == "\\2-grams:"
        elif within and len(field := line.split()) == 4:
            pairs.setdefault(field[1], set()).add(field[2])
    return pairs
