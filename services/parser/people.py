"""People an article names with their office: "ICCROM director-general Amina Osei", "国家文物局局长李群".

Only names that an office or title stands beside are told; a list of guests is nobody's role. The offices are in
`shared/taxonomy/offices.yaml`.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import regex
from ahocorasick_rs import AhoCorasick

from services.parser.reading import Passage, Reading
from shared.contracts.article import Person
from shared.taxonomy.schema import Office, Offices

MOST = 24
_LONGEST_ROLE = 120
_PARTICLES = "de|da|del|della|di|dos|du|van|von|der|bin|ibn|ben|bint|al|el|la|le|y|e"
_PART = r"\p{Lu}[\p{L}\p{M}]*(?:[-'’][\p{L}\p{M}]+)*\.?"
_NAME = rf"(?P<name>{_PART}(?:\s+(?:(?:{_PARTICLES})\s+){{0,2}}{_PART}){{1,3}})"
# Words of names that are no person's.
_NO_NAME = regex.compile(
    r"\b(?:Heritage|Museum|Council|University|Ministry|Minister|National|International|World|Committee|Centre|Center|"
    r"Institute|Organi[sz]ation|Alliance|Assembly|Culture|Cultural|Department|Foundation|Fund|Trust|State|City|Republic|"
    r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|The|Director|President|Secretary|General|Mayor|Patrimoine|"
    r"Patrimonio|Kebudayaan|Desa|Menteri|Ministère|Ministerio|Conseil|Consejo|Museo|Musée|Nacional|Universidad|Université|Министр|Генеральн\w+|"
    r"Директор|Unesco|UNESCO|Archaeology|Antiquities|Tourism|Sports|Education|Affairs|Arts|Society|Association)\b"
)
# What may stand before an office, also with a capital, and is none of it.
_ARTICLES = frozenset(
    (
        "a",
        "an",
        "as",
        "das",
        "de",
        "der",
        "die",
        "el",
        "her",
        "het",
        "his",
        "ihr",
        "il",
        "its",
        "la",
        "laut",
        "le",
        "les",
        "lo",
        "los",
        "nach",
        "o",
        "os",
        "per",
        "s",
        "secondo",
        "segundo",
        "según",
        "sein",
        "selon",
        "the",
        "their",
        "un",
        "una",
        "une",
        "volgens",
    )
)
# Words in small letters that belong to the office behind them.
_QUALIFIES = regex.compile(
    r"\p{Lu}|(?:deputy|vice|chief|site|project|office|programme|program|associate|assistant|former|acting|honorary|regional|"
    r"executive|senior|national|culture|finance|excavation|policy|fund|museum|board|council|state|city|provincial|foreign|"
    r"heritage|tourism|education|outgoing|incoming|interim|founding|managing|general|scientific|technical|ancien|ancienne|"
    r"nouvelle?|nueva|nuevo|ex|actual|nuova|nuovo|neue|neuer|nieuwe|stellvertretende|exministra?|sous|adjoint)(?:$|-)"
)
_SINCE = regex.compile(r"\s(?:since|desde|depuis|seit|sinds|who|qui|que|che|der|die)\s.*$", regex.DOTALL)
# What stands before a name and is none of it, also where it begins a sentence.
_TITLES = regex.compile(
    r"^(?:(?:Mr|Mrs|Ms|Mme|Dr|Prof|Hon|Sir|Dame|Lord|Sheikh|Sheikha|HE|H\.E|M|Sr|Sra|Dott|Herr|Frau|Vice-Chancellor|Prince|"
    r"Princess|Pour|Selon|Para|Por|Según|Für|According|Per|Secondo)\.?\s+)+"
)
_POSSESSIVE = regex.compile(r"['’]s(?:\s.*)?$|(?<=\p{Ll}{2})\.$", regex.DOTALL)
_HAN_LEAD = regex.compile(r"^.*(?:会见|會見|了|由|同|向|邀请|^的|對|对)(?=\p{Han}{2})|^的")
_CONFERRED = ("elected", "appointed", "named", "chosen")
_SAYS = r"一行|表示|说|說|称|稱|指出|在|出席|介绍|介紹|强调|強調|宣布|率|会见|會見|与|與|和|及|、|，|。|,|；|等|分别|分別|共同|致辞|致辭|主持|担任|擔任|为|為|认为|認為|当选|當選|代表|：|（|\("


class _Found(NamedTuple):
    name: str
    role: str
    start: int
    end: int


class _Pattern(NamedTuple):
    """How an office and a name stand together; `needs`: words one of which it has, in small letters."""

    pattern: regex.Pattern[str]
    needs: tuple[str, ...] = ()


class PeopleReader:
    """Finds people with their office. Immutable once built."""

    def __init__(self, offices: Offices) -> None:
        others = {"zh": offices.zh, "ko": offices.ko, "ja": offices.ja}
        # Patterns are tried only on sentences that name an office.
        self._heads = {
            language: AhoCorasick([head.lower() for head in office.heads])
            for language, office in (*offices.cased.items(), *others.items())
        }
        self._patterns = {language: _cased(office) for language, office in offices.cased.items()}
        self._patterns |= {
            "zh": _chinese(others["zh"]),
            "ko": _korean(others["ko"]),
            "ja": _japanese(others["ja"]),
        }

    def read(self, reading: Reading) -> tuple[Person, ...]:
        """Each person once, by the fullest office told, in reading order."""
        own = reading.language.partition("-")[0].lower()
        spoken = own if own in self._patterns else "en"
        patterns, heads = self._patterns[spoken], self._heads[spoken]
        found: dict[str, Person] = {}
        for passage in reading.passages:
            words = passage.words.lower()
            if not heads.find_matches_as_indexes(words):
                continue
            possible = [
                each.pattern
                for each in patterns
                if not each.needs or any(map(words.__contains__, each.needs))
            ]
            for each in _in_passage(passage, possible):
                known = found.get(each.name)
                if known is None and len(found) == MOST:
                    return tuple(found.values())
                if known is None or len(each.role) > len(known.role):
                    evidence = passage.evidence(each.start, each.end)
                    found[each.name] = Person(name=each.name, role=each.role, evidence=(evidence,))
        return tuple(found.values())


def _in_passage(passage: Passage, patterns: Iterable[regex.Pattern[str]]) -> Iterator[_Found]:
    offset = passage.sentence.start
    # A place of one word may be half of a name: Petra Lang.
    named = (
        hit
        for hit in (*passage.bodies, *passage.places)
        if hit.group == "body" or " " in passage.slice(hit.start, hit.end)
    )
    taken = [(hit.start - offset, hit.end - offset) for hit in named]
    for pattern in patterns:
        for match in pattern.finditer(passage.words):
            start, end = match.span("name")
            name = _TITLES.sub("", _POSSESSIVE.sub("", " ".join(match["name"].split())))
            if _NO_NAME.search(name) or any(first < end and start < last for first, last in taken):
                continue
            role = _office(match)
            if " " in match["name"] and " " not in name:
                continue  # a title and one name, or what a possessive left: nobody is told apart by that
            if len(role) <= _LONGEST_ROLE:
                yield _Found(name, role, offset + match.start(), offset + match.end())


def _office(match: regex.Match[str]) -> str:
    """The office alone, without what the sentence says before it: "said its deputy director" → "deputy director"."""
    lead = match.groupdict().get("lead") or ""
    words: list[str] = []
    for word in reversed(lead.split()):
        if not _QUALIFIES.match(word) or word.lower() in _ARTICLES:
            break
        words.insert(0, word)
    office = match["role"][len(lead) :]
    if regex.match(r"\p{Han}", match["role"]):
        return _HAN_LEAD.sub("", match["role"])
    return " ".join((*words, *_SINCE.sub("", office).split())).removesuffix(", Mme").strip(" ,:-")


def _any(words: Iterable[str]) -> str:
    return "|".join(regex.escape(word).replace("’", "['’]") for word in sorted(words, key=len, reverse=True))


def _cased(office: Office) -> tuple[_Pattern, ...]:
    """Office before the name, behind it, and conferred by a verb."""
    heads = rf"(?i:{_any(office.heads)})(?![\p{{L}}-])"
    titles = rf"(?:(?:{_any((*office.titles, 'Dr', 'Prof.'))})\s+)?"
    word = r"[\p{L}\p{M}'’-]+"
    joined = rf"{word}(?:(?:,|\s+(?:and|et|y|e|und|en))\s+{word})*"
    of = rf"\s*(?:{_any(office.of)})\s*(?:the\s+|la\s+|le\s+)?" if office.of else r"\s+"
    what = rf"(?:{of}{joined}(?:\s+{word}){{0,5}}?)"
    before = rf"(?P<role>(?P<lead>(?:(?<![\p{{L}}])\p{{L}}[\p{{L}}-]*\s+){{0,3}}?)(?<![\p{{L}}]){heads}{what}?)[,:]?\s+{titles}{_NAME}"
    behind = (
        rf"{_NAME},\s+(?:the\s+|its\s+|an?\s+|la\s+|le\s+|l['’]|el\s+|il\s+)?"
        rf"(?P<role>(?P<lead>(?:{word}\s+){{0,4}}?){heads}(?:{of}[^,.;:\n]{{1,70}})?)(?=[,.;)\n]|$)"
    )
    conferred = rf"{_NAME}\s+(?:was|has\s+been|were|is)\s+(?:\w+\s+)?(?:re-?)?(?:{'|'.join(_CONFERRED)})\s+(?:as\s+)?(?:the\s+|its\s+)?(?P<role>(?P<lead>(?:{word}\s+){{0,3}}?){heads})"
    return (
        _Pattern(regex.compile(before)),
        _Pattern(regex.compile(behind), (",",)),
        _Pattern(regex.compile(conferred), _CONFERRED),
    )


def _chinese(office: Office) -> tuple[_Pattern, ...]:
    role = rf"(?P<role>[\p{{Han}}（）()]{{0,16}}(?:{_any(office.heads)}))"
    own = rf"[{office.families}]\p{{Han}}{{1,2}}(?={_SAYS}|$)"
    foreign = r"\p{Han}{1,8}(?:[·•]\p{Han}{1,8}?){1,3}?"
    return (_Pattern(regex.compile(rf"{role}(?P<name>{foreign}(?={_SAYS}|$)|{own})")),)


def _korean(office: Office) -> tuple[_Pattern, ...]:
    return (
        _Pattern(
            regex.compile(
                rf"(?<![\p{{Hangul}}])(?P<name>[{office.families}]\p{{Hangul}}{{1,2}})\s+(?P<role>(?:\p{{Hangul}}+\s){{0,3}}?\p{{Hangul}}*(?:{_any(office.heads)}))(?=[은는이가과와도을를의에,.\s]|$)"
            )
        ),
    )


def _japanese(office: Office) -> tuple[_Pattern, ...]:
    name = r"(?P<name>[\p{Katakana}ー・＝]{4,24}|\p{Han}{2,3}\s?\p{Han}{1,3})"
    return (
        _Pattern(
            regex.compile(
                rf"(?P<role>\p{{Han}}{{0,12}}(?:{_any(office.heads)}))(?:の|、|・|に)?{name}(?:氏|さん)"
            )
        ),
        _Pattern(
            regex.compile(
                rf"(?P<name>[\p{{Katakana}}ー・＝]{{4,24}}){'(?P<role>(?:' + _any(office.heads) + '))'}"
            )
        ),
    )
