"""Agreements, declarations and statutes an article names: what came of a meeting, by its own title."""

from collections.abc import Mapping

import regex

from services.parser.reading import Reading
from shared.contracts.article import Outcome

_MOST = 12
_LONGEST_NAME = 200
_TITLE_WORD = r"(?:\p{Lu}[\p{L}'’-]*|of|the|for|on|and|in|between)"
_NAMED_TEXT = regex.compile(
    rf"(?P<latin>(?:\p{{Lu}}[\p{{L}}'’-]*\s+(?:{_TITLE_WORD}\s+){{0,8}}?)?(?P<word>Consensus|Declaration|Agreement|Statement|Charter|Manifesto|"
    rf"Memorandum of Understanding|Initiative|Recommendations|Convention|Protocol)(?:\s+(?:of|on|Between|between|for)(?:\s+{_TITLE_WORD}(?=\s|[.,;)”\"]|$)){{1,18}})?)"
    r"|《(?P<han>[^》]{2,60}(?P<hanword>宣言|共识|协议|协定|章程|备忘录|声明|倡议|意向书))》"
    r"|(?P<short>[\p{Han}]{2,4}(?P<shortword>宣言|共识))"
    r"|(?P<romance>(?:Déclaration|Consensus|Manifeste|Declaración|Manifiesto|Consenso|Declaração|Dichiarazione|Acordo-Quadro|Acuerdo Marco|Accord-cadre)\s+(?:de|del|d[’']|di|do|da|para|pour|sur|sobre)\s*(?:la\s+|o\s+|le\s+|el\s+)?\p{Lu}[\p{L}'’-]*(?:\s+(?:\p{L}+)){0,10})"
)
_KINDS = {
    "consensus": "declaration",
    "declaration": "declaration",
    "manifesto": "declaration",
    "recommendations": "declaration",
    "initiative": "declaration",
    "charter": "statutes",
    "agreement": "agreement",
    "statement": "agreement",
    "memorandum of understanding": "agreement",
    "convention": "agreement",
    "protocol": "agreement",
    "宣言": "declaration",
    "共识": "declaration",
    "倡议": "declaration",
    "协议": "agreement",
    "协定": "agreement",
    "备忘录": "agreement",
    "声明": "agreement",
    "意向书": "agreement",
    "章程": "statutes",
}
_DONE = ("sign", "adopt", "agreement", "declaration")


def outcomes(reading: Reading) -> tuple[Outcome, ...]:
    """Agreements, declarations and statutes by name, where something is said to be done about them."""
    found: dict[str, Outcome] = {}
    for passage in reading.telling:
        if passage.has("history") or not any(passage.has(concept) for concept in _DONE):
            continue
        for match in _NAMED_TEXT.finditer(passage.words):
            name, word = _named(match)
            if name is None or len(found) >= _MOST:
                continue
            start = passage.sentence.start + match.start()
            evidence = passage.evidence(start, start + len(match[0]))
            found.setdefault(
                name, Outcome(kind=_KINDS.get(word.lower(), "declaration"), name=name, evidence=(evidence,))
            )
    return tuple(found.values())


def _named(match: regex.Match[str]) -> tuple[str | None, str]:
    groups: Mapping[str, str | None] = match.groupdict()
    if groups["latin"]:
        words = groups["latin"].split()
        words = words[1:] if words[0] in ("The", "A", "This") else words
        return (" ".join(words)[:_LONGEST_NAME] if len(words) > 1 else None), groups["word"] or ""
    if groups["han"]:
        return groups["han"], groups["hanword"] or ""
    if groups["short"]:
        return groups["short"], groups["shortword"] or ""
    romance = groups["romance"] or ""
    return " ".join(romance.split())[:_LONGEST_NAME], romance.split()[0].removesuffix("-Quadro").lower()
