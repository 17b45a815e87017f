"""Places, organisations, editions and outcomes an article tells: what the grouping into events needs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import regex

from services.parser.lexicon import Hit
from services.parser.reading import Passage, Reading
from shared.contracts.article import AllianceTag, Evidence, Organisation, Outcome, Place
from shared.taxonomy.folding import Folder
from shared.taxonomy.schema import Places

_MOST = 12
_LONGEST_NAME = 200
_HAPPENS = (
    "held",
    "assembly",
    "council_meeting",
    "conference",
    "congress_words",
    "sign",
    "launch",
    "session",
)
_ORDINAL_WORDS = {
    "first": 1,
    "inaugural": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "premiere": 1,
    "deuxieme": 2,
    "seconde": 2,
    "troisieme": 3,
    "quatrieme": 4,
    "cinquieme": 5,
    "primera": 1,
    "primer": 1,
    "segunda": 2,
    "segundo": 2,
    "tercera": 3,
    "tercer": 3,
    "cuarta": 4,
    "quinta": 5,
    "prima": 1,
    "primo": 1,
    "seconda": 2,
    "secondo": 2,
    "terza": 3,
    "terzo": 3,
    "quarta": 4,
    "primeira": 1,
    "primeiro": 1,
    "terceira": 3,
    "terceiro": 3,
    "erste": 1,
    "ersten": 1,
    "zweite": 2,
    "zweiten": 2,
    "dritte": 3,
    "dritten": 3,
    "vierte": 4,
    "vierten": 4,
    "первая": 1,
    "первои": 1,
    "первую": 1,
    "вторая": 2,
    "второи": 2,
    "вторую": 2,
    "второе": 2,
    "третья": 3,
    "третьеи": 3,
    "الاول": 1,
    "الاولي": 1,
    "الثاني": 2,
    "الثانيه": 2,
    "الثالث": 3,
    "الثالثه": 3,
    "الرابع": 4,
    "الرابعه": 4,
    "نخستين": 1,
    "اولين": 1,
    "دومين": 2,
    "سومين": 3,
    "چهارمين": 4,
    "perdana": 1,
    "pertama": 1,
    "kedua": 2,
    "ketiga": 3,
    "首届": 1,
    "首次": 1,
    "제1차": 1,
}
_NUMERALS = {character: number for number, character in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_EDITION = regex.compile(
    r"(?<!\p{L}|\d)(?P<word>\L<words>)(?!\p{L})"
    r"|(?<![\d.])(?P<digits>\d{1,3})(?:st|nd|rd|th|ª|º|e|eme|a|\.|-я|-й|-ю|-ое)(?![\p{L}\d])"
    r"|(?<!\p{L})(?P<roman>[ivxl]{1,6})(?!\p{L})"
    r"|第(?P<han>[零一二三四五六七八九十两\d]{1,3})(?:届|次|回)"
    r"|제? ?(?P<korean>\d{1,3}) ?(?:차|회|기)(?!\d)"
    r"|(?P<first>首届)",
    words=list(_ORDINAL_WORDS),
)
_ORGANS = {
    "general_assembly": ("assembly", "congress_words"),
    "council_meeting": ("council_meeting", "council", "COMMITTEE", "session"),
    "conference_forum": ("conference",),
}
_EDITION_GAP = 24
_MUSEUM = regex.compile(
    r"(?:(?:\p{Lu}[\p{L}'’.-]+\s+){1,5}(?:Museum|Museums|Gallery|Library|Institute|Academy|Foundation)(?:\s+of(?:\s+(?:the\s+)?\p{Lu}[\p{L}'’-]+){1,5})?)"
    r"|(?:(?:National\s+)?Museum\s+of(?:\s+(?:the\s+|and\s+)?\p{Lu}[\p{L}'’-]+){1,5})"
    r"|(?:Musée\s+(?:\p{L}+\s+){0,3}\p{Lu}\p{L}+)|(?:Museo\s+(?:\p{L}+\s+){0,3}\p{Lu}\p{L}+)"
    r"|[\p{Han}]{2,10}(?:博物馆|博物院|研究院|研究中心)"
    r"|[\p{Hangul}]{2,8}박물관"
)
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
_STOP = frozenset(
    (
        "the",
        "a",
        "an",
        "of",
        "and",
        "in",
        "on",
        "for",
        "to",
        "at",
        "by",
        "with",
        "from",
        "as",
        "is",
        "are",
        "its",
        "be",
        "new",
        "will",
        "his",
        "her",
        "their",
        "over",
        "after",
        "into",
        "le",
        "la",
        "les",
        "des",
        "du",
        "de",
        "un",
        "une",
        "et",
        "en",
        "au",
        "aux",
        "pour",
        "par",
        "sur",
        "el",
        "los",
        "las",
        "del",
        "y",
        "para",
        "por",
        "con",
        "una",
        "der",
        "die",
        "das",
        "und",
        "im",
        "von",
        "zu",
        "mit",
        "den",
        "dem",
        "il",
        "lo",
        "gli",
        "della",
        "del",
        "di",
        "per",
        "con",
        "nel",
        "alla",
        "do",
        "da",
        "dos",
        "das",
        "e",
        "em",
        "com",
        "para",
    )
)


def places(reading: Reading, gazetteer: Places) -> tuple[Place, ...]:
    """Places named, the one where it happens first; countries follow from cities."""
    scores: dict[tuple[str, str | None], float] = {}
    evidence: dict[tuple[str, str | None], Evidence] = {}
    for passage in reading.passages:
        happens = any(passage.has(concept) for concept in _HAPPENS)
        for hit in passage.places:
            key = _place(hit, gazetteer)
            weight = {"title": 3.0, "lead": 2.0, "body": 0.7, "caption": 0.4}[passage.sentence.kind]
            weight *= {"city": 1.5, "region": 0.8, "country": 1.0}[hit.kind] * (1.4 if happens else 1.0)
            scores[key] = scores.get(key, 0.0) + weight / (1 + (key in scores) * 1.5)
            evidence.setdefault(key, passage.evidence(hit.start, hit.end))
    ranked = sorted(scores, key=lambda key: (-scores[key], key[0]))[:_MOST]
    return tuple(
        Place(name=name, country=country, evidence=(evidence[name, country],)) for name, country in ranked
    )


def _place(hit: Hit, gazetteer: Places) -> tuple[str, str | None]:
    if hit.kind == "country":
        from babel import Locale

        return Locale.parse("en").territories.get(hit.value, hit.value), hit.value
    return hit.value, gazetteer.cities[hit.value].country


def organisations(reading: Reading, tags: Iterable[AllianceTag]) -> tuple[Organisation, ...]:
    """Bodies of the taxonomy, then museums and institutes named by pattern."""
    found = {tag.name: Organisation(name=tag.name, id=tag.id, evidence=tag.evidence[:1]) for tag in tags}
    for passage in reading.passages:
        for match in _MUSEUM.finditer(passage.words):
            name = " ".join(match[0].split())
            start = passage.sentence.start + match.start()
            if len(found) < 2 * _MOST and name not in found:
                found[name] = Organisation(
                    name=name, evidence=(passage.evidence(start, start + len(match[0])),)
                )
    return tuple(found.values())[: 2 * _MOST]


def editions(reading: Reading, folder: Folder, types: Collection[str]) -> tuple[str, ...]:
    """Numbered meetings of the reported types as `kind:number`; one that is merely chosen a host for comes last."""
    found: dict[str, None] = {}
    organs = {kind: concepts for kind, concepts in _ORGANS.items() if kind in types}
    wanted = [concept for concepts in organs.values() for concept in concepts]
    later = "host_selection" in types
    for passage in sorted(
        reading.passages, key=lambda each: later and (each.has("host") or each.has("future"))
    ):
        if passage.sentence.kind == "caption" or not any(passage.has(concept) for concept in wanted):
            continue
        folded = folder.fold(passage.words)
        for match in _EDITION.finditer(folded.text):
            number = _number(match)
            first, last = folded.span(*match.span())
            kind = _organ(passage, passage.sentence.start + first, passage.sentence.start + last, organs)
            if number and kind:
                found.setdefault(f"{kind}:{number}")
    return tuple(found)


def _number(match: regex.Match[str]) -> int | None:
    if match["word"]:
        return _ORDINAL_WORDS[match["word"]]
    if match["first"]:
        return 1
    if match["roman"]:
        return _roman(match["roman"])
    if match["han"]:
        return _han(match["han"])
    return int(match["digits"] or match["korean"])


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(
        -value if any(later > value for later in values[at + 1 : at + 2]) else value
        for at, value in enumerate(values)
    )


def _han(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if "十" not in text:
        return _NUMERALS.get(text) if len(text) == 1 else None
    tens, _, ones = text.partition("十")
    return (_NUMERALS.get(tens, 1) if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)


def _organ(passage: Passage, start: int, end: int, organs: Mapping[str, Sequence[str]]) -> str | None:
    """The kind of meeting a number belongs to: the nearest one after it, or before it."""
    best: tuple[int, str] | None = None
    for kind, concepts in organs.items():
        for concept in concepts:
            for first, last in passage.concepts.get(concept, ()):
                gap = first - end if first >= end - 1 else (start - last) * 2 + 1
                if -2 <= gap <= _EDITION_GAP and (best is None or gap < best[0]):
                    best = (gap, kind)
    return best[1] if best else None


def outcomes(reading: Reading) -> tuple[Outcome, ...]:
    """Agreements, declarations and statutes by name, where something is said to be done about them."""
    found: dict[str, Outcome] = {}
    for passage in reading.passages:
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


def title_terms(title: str, folder: Folder) -> tuple[str, ...]:
    """Significant folded words of a title, in order, each once; Chinese, Japanese and Korean in pairs of characters."""
    found: dict[str, None] = {}
    for word in _words(folder.key(title)):
        found.setdefault(word)
    return tuple(found)


def _words(folded: str) -> Iterator[str]:
    for match in regex.finditer(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]+|[\p{L}\d]+", folded):
        word = match[0]
        if word[0] >= "\u2e80":
            yield from (word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif len(word) > 1 and word not in _STOP:
            yield word


def significant(values: Sequence[str]) -> tuple[str, ...]:
    """Values in order, each once."""
    return tuple(dict.fromkeys(values))
