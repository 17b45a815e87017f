"""The forms a name takes inside a sentence, for languages that inflect names.

A name is given once, as it is called; in a Ukrainian, Armenian or Turkish sentence its words have other endings.
For each such language a rule says what is cut off a word and how much may follow its stem. That is coarser than a
morphology, but a name has several words, all of which must follow one another.

Everything here works on folded text (see folding.py): lower case, without accents.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import regex


@dataclass(frozen=True, slots=True)
class Endings:
    """What is cut off a word, and how many letters may follow what is left."""

    cut: regex.Pattern[str]
    most: int
    last_word_alone: bool = False


_NOTHING = regex.compile(r"(?!)")
_SLAVIC_LATIN = Endings(regex.compile(r"[aeiouy]{1,2}$"), 4)
_CYRILLIC = Endings(regex.compile(r"[аеиоуыэюяієьъј]{1,3}$"), 4)
_WRITTEN_ON = Endings(_NOTHING, 7, last_word_alone=True)
_GERMANIC = Endings(regex.compile(r"(?:e[rnsm]?)$"), 3)
ENDINGS: Mapping[str, Endings] = {
    **dict.fromkeys(("uk", "ru", "be", "bg", "sr", "mk"), _CYRILLIC),
    **dict.fromkeys(("pl", "cs", "sk", "hr", "sl", "bs", "lt", "lv", "sq"), _SLAVIC_LATIN),
    **dict.fromkeys(
        ("tr", "az", "uz", "tk", "kk", "ky", "mn", "tg", "ta", "te", "ml", "bn", "kn"), _WRITTEN_ON
    ),
    **dict.fromkeys(("fi", "et", "hu"), Endings(regex.compile(r"[aeiou]$"), 8, last_word_alone=True)),
    **dict.fromkeys(("de", "sv", "da", "no"), _GERMANIC),
    "ro": Endings(regex.compile(r"[aeiu]{1,2}l?$"), 5),
    "hy": Endings(_NOTHING, 5),
    "ka": Endings(regex.compile(r"[აეიოუ]$"), 6),
    "el": Endings(regex.compile(r"(?:[αειηουω]{1,2}ς?|ων|ον|μα|ματος)$"), 5),
}
_SHORTEST_WORD, _SHORTEST_STEM = 3, 3
_WORD = regex.compile(r"[\p{L}\p{M}]+")


def inflected(name: str, folded: str, language: str) -> tuple[str, str] | None:
    """The literal a folded name begins with and the pattern of what follows; None where it does not inflect.

    `name` is the same as written: a word in capitals (RCEP, ICOMOS) keeps its form.
    """
    if language == "ko":
        return _without_gaps(folded)
    endings = ENDINGS.get(language) if not name.isupper() else None
    words = list(_WORD.finditer(folded))
    if endings is None or not words:
        return None
    fixed = {word.casefold() for word in name.split() if word.isupper() and word.isascii()}
    last = words[-1].start()
    pattern, at, head = "", 0, None
    for word in words:
        if word[0] in fixed or (endings.last_word_alone and word.start() != last):
            continue
        stem = _stem(word[0], endings)
        if stem is None:
            continue
        end = word.start() + len(stem)
        if head is None:
            head = folded[:end]
        else:
            pattern += regex.escape(folded[at:end])
        pattern += rf"[\p{{L}}\p{{M}}]{{0,{endings.most}}}+"
        at = word.end()
    if head is None:
        return None
    return head, f"{pattern}{regex.escape(folded[at:])}(?![\\p{{L}}\\p{{M}}])"


def _without_gaps(folded: str) -> tuple[str, str] | None:
    """Korean writes the words of a name apart or not."""
    head, *rest = folded.split()
    return (head, "".join("[ ·-]?" + regex.escape(word) for word in rest)) if rest else None


def _stem(word: str, endings: Endings) -> str | None:
    if len(word) < _SHORTEST_WORD:
        return None
    stem = endings.cut.sub("", word)
    return stem if len(stem) >= _SHORTEST_STEM else word
