"""What heritage bodies are called, from the taxonomy's patterns."""

from collections.abc import Sequence

from shared.taxonomy.schema import Alliance
from shared.taxonomy.taxonomy import expand


def names_in_languages(body: Alliance) -> list[tuple[str, str]]:
    """For each language its code, and what the body is called in it; English first."""
    named = [(code, next(expand(patterns[0]))) for code, patterns in body.names.items() if patterns]
    return sorted(named, key=lambda entry: (entry[0] != "en", entry[0]))


def spelt(patterns: Sequence[str]) -> list[str]:
    """One spelling of each pattern."""
    return list(dict.fromkeys(next(expand(pattern)) for pattern in patterns))


def short_name(body: Alliance) -> str:
    """What a body is called for short: its acronym, else an English name in one word of capitals, else its name."""
    one_word = (name for name in spelt(body.names.get("en", ())) if name.isupper() and " " not in name)
    return next(iter(body.acronyms), None) or next(one_word, body.name)
