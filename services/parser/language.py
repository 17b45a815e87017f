"""Which language a text is in: a statistical model, with the script as evidence that overrules it.

The language of an article is that of its title and lead. Paragraphs in others (a message quoted as it was written, a
summary in English below the text) are told beside it.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Set

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.parser.lines import weight
from shared.contracts.article import LanguagePart

# Characters of cleaned text that are looked at; more costs time and adds nothing.
LOOK_AT = 2000
SURE = 0.9
# Letters below which the model is not to be believed against a hint.
ENOUGH_LETTERS = 60
UNKNOWN = "und"
# A paragraph says its language from this weight on; of a longer one the beginning is looked at.
TELLING_PARAGRAPH = 120
PARAGRAPH_LOOK_AT = 240
# A word is a little one if the lead has it so often, and a paragraph with such a part of them is in its language.
OFTEN = 2
SHARED_WORDS = 0.15
# Strange paragraphs looked at for another language; only if one is found, up to so many are.
FIRST_PARAGRAPHS = 5
MOST_PARAGRAPHS = 60
SMALLEST_PART = 0.05

_SCRIPTS = {
    "latin": "A-Za-z\u00aa\u00c0-\u024f\u1e00-\u1eff",
    "cyrillic": "\u0400-\u052f",
    "arabic": "\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "devanagari": "\u0900-\u097f",
    "bengali": "\u0980-\u09ff",
    "hebrew": "\u05d0-\u05ea",
    "ethiopic": "\u1200-\u137f",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "armenian": "\u0530-\u058f",
    "georgian": "\u10a0-\u10ff",
    "thai": "\u0e00-\u0e7f",
    "lao": "\u0e80-\u0eff",
    "khmer": "\u1780-\u17ff",
    "burmese": "\u1000-\u109f",
    "tibetan": "\u0f00-\u0fff",
    "gurmukhi": "\u0a00-\u0a7f",
    "gujarati": "\u0a80-\u0aff",
    "oriya": "\u0b00-\u0b7f",
    "tamil": "\u0b80-\u0bff",
    "telugu": "\u0c00-\u0c7f",
    "kannada": "\u0c80-\u0cff",
    "malayalam": "\u0d00-\u0d7f",
    "sinhala": "\u0d80-\u0dff",
    "hangul": "\uac00-\ud7af\u1100-\u11ff",
    "kana": "\u3041-\u30ff",
    "han": "\u3400-\u4dbf\u4e00-\u9fff",
}
_LETTERS = {name: re.compile(f"[{chars}]") for name, chars in _SCRIPTS.items()}
# An ideograph or syllable says as much as two or three letters.
_DENSITY = {"han": 3, "kana": 2, "hangul": 2}
_ONE_LANGUAGE = {
    "greek": "el",
    "armenian": "hy",
    "georgian": "ka",
    "thai": "th",
    "lao": "lo",
    "khmer": "km",
    "burmese": "my",
    "gurmukhi": "pa",
    "gujarati": "gu",
    "oriya": "or",
    "tamil": "ta",
    "telugu": "te",
    "kannada": "kn",
    "malayalam": "ml",
    "sinhala": "si",
    "hangul": "ko",
    "kana": "ja",
    "han": "zh",
}
_OF_SCRIPT = {
    "cyrillic": "ru uk be bg sr mk kk ky mn tg tt",
    "arabic": "ar fa ur ps ug ku sd",
    "devanagari": "hi ne mr sa",
    "bengali": "bn as",
    "hebrew": "he yi",
    "ethiopic": "am ti",
    "tibetan": "bo dz",
}
_ISO_15924 = {script: script[:4].title() for script in (*_ONE_LANGUAGE, *_OF_SCRIPT, "latin")} | {
    "latin": "Latn",
    "cyrillic": "Cyrl",
    "hebrew": "Hebr",
    "greek": "Grek",
    "armenian": "Armn",
    "lao": "Laoo",
    "khmer": "Khmr",
    "burmese": "Mymr",
    "tibetan": "Tibt",
    "gurmukhi": "Guru",
    "gujarati": "Gujr",
    "oriya": "Orya",
    "tamil": "Taml",
    "telugu": "Telu",
    "kannada": "Knda",
    "malayalam": "Mlym",
    "hangul": "Kore",
    "kana": "Jpan",
    "han": "Hans",
}
# Written in two scripts: the tag names the rarer one.
_IN_LATIN_TOO = frozenset(["sr"])
_LANGUAGES = {script: frozenset(codes.split()) for script, codes in _OF_SCRIPT.items()}
_OTHER_SCRIPT = frozenset(_ONE_LANGUAGE.values()).union(*_LANGUAGES.values()) - {"sr", "ku", "kk", "mn", "tt"}
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "fil": "tl", "nb": "no", "nn": "no", "cmn": "zh", "cn": "zh"}

# Languages that a paragraph alone does not tell apart.
_CLOSE = (
    frozenset(["hr", "bs", "sr", "sl"]),
    frozenset(["id", "ms", "jv"]),
    frozenset(["no", "da", "sv"]),
    frozenset(["cs", "sk"]),
    frozenset(["pt", "gl", "es"]),
    frozenset(["ca", "es", "oc", "an"]),
    frozenset(["fa", "ur", "ug"]),
    frozenset(["hi", "mr", "ne"]),
    frozenset(["ru", "be", "uk", "bg", "mk"]),
    frozenset(["tl", "ceb"]),
    frozenset(["nl", "af"]),
)

# The most frequent characters of which the two ways of writing Chinese use one each, in pairs.
_PAIRS = (
    "这這为為们們国國来來时時会會个個说說对對动動产產还還进進过過学學发發种種经經现現开開关關"
    "点點从從问問当當义義无無与與战戰实實组組将將两兩间間电電应應体體长長东東华華业業联聯护護"
    "亚亞遗遺议議际際员員书書传傳统統术術馆館办辦协協团團总總历歷节節单單级級设設师師结結"
    "报報号號区區类類统統门門见見头頭气氣万萬广廣岁歲场場让讓众眾难難习習约約网網讯訊陕陝"
)
_WORD = re.compile(r"\w+")
_SIMPLIFIED = re.compile(f"[{_PAIRS[::2]}]")
_TRADITIONAL = re.compile(f"[{_PAIRS[1::2]}]")


@functools.cache
def _model() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _script(text: str) -> tuple[str | None, int]:
    """The script most of the text is in, and its letters."""
    if 2 * (latin := len(_LETTERS["latin"].findall(text))) > len(text):
        return "latin", latin
    counts = {name: len(p.findall(text)) * _DENSITY.get(name, 1) for name, p in _LETTERS.items()}
    # Japanese is written with both: a tenth of kana decides.
    if counts["kana"] * 8 > counts["han"]:
        counts["kana"] += counts["han"]
        counts["han"] = 0
    name = max(counts, key=lambda key: counts[key])
    return (name, counts[name]) if counts[name] else (None, 0)


def _chinese(text: str, hint: str | None) -> str:
    simplified, traditional = len(_SIMPLIFIED.findall(text)), len(_TRADITIONAL.findall(text))
    if simplified == traditional:
        return "zh-Hant" if hint == "zh-Hant" else "zh"
    return "zh-Hant" if traditional > simplified else "zh"


def normalise(tag: str | None) -> str | None:
    """A language tag as we write it: the primary subtag, or `zh-Hant`; None for nonsense."""
    if not tag or not (
        match := re.match(r"\s*([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9_-]{1,30}))?(?=[\s,;.]|$)", tag)
    ):
        return None
    primary = _RENAMED.get(match[1].lower(), match[1].lower())
    rest = (match[2] or "").lower()
    if primary == "yue" or (primary == "zh" and re.search(r"\b(?:hant|tw|hk|mo)\b", rest.replace("_", "-"))):
        return "zh-Hant"
    return None if primary in (UNKNOWN, "mul", "zxx") else primary


def _fits(language: str, script: str) -> bool:
    if script in _ONE_LANGUAGE:
        return language.split("-")[0] == _ONE_LANGUAGE[script]
    if script in _LANGUAGES:
        return language in _LANGUAGES[script]
    return language not in _OTHER_SCRIPT


def _first_that_fits(ranked: Iterable[tuple[str, float]], script: str) -> tuple[str, float]:
    return next(((code, p) for code, p in ranked if _fits(code, script)), (UNKNOWN, 0.0))


def detect(text: str, hint: str | None) -> str:
    """The language of a text as a BCP 47 primary subtag, or `zh-Hant`; `und` when nothing tells.

    `hint` (the page's `lang`, the feed's language) wins when the model is unsure or does not know that language,
    and only where the script allows it.
    """
    text = text[:LOOK_AT]
    hinted = normalise(hint)
    script, letters = _script(text)
    if script is None:
        return hinted or UNKNOWN
    if script == "han":
        return _chinese(text, hinted)
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script]
    own = "".join(_LETTERS[script].findall(text)) if letters < ENOUGH_LETTERS else ""
    language, chance = _first_that_fits(_model().rank(text), script)
    language = _RENAMED.get(language, language)
    sure = chance >= SURE and not own
    if hinted and _fits(hinted, script) and (not sure or hinted not in _model().labels):
        language = hinted
    # The model takes Serbian in Latin letters for Croatian or Bosnian, which differ from it in few words.
    if script == "latin" and (language in _IN_LATIN_TOO or (hinted == "sr" and language in ("hr", "bs"))):
        return "sr-Latn"
    return language


def language_parts(text: str, main: str) -> tuple[LanguagePart, ...]:
    """The languages of a text of paragraphs with their shares, the largest first; empty where `main` is the only one.

    Paragraphs too short to tell count for the language of the article.
    """
    telling = [p for p in text.split("\n\n") if weight(p) >= TELLING_PARAGRAPH]
    # Asking the model costs time: only of paragraphs that lack the little words of the first.
    lead = " ".join(telling[:1])[:LOOK_AT].casefold()
    little = {word for word, n in Counter(_WORD.findall(lead)).items() if n >= OFTEN}
    strange = [p for p in telling if not _shares(p, little)][:MOST_PARAGRAPHS]
    if all(_told(p, main) == main for p in strange[:FIRST_PARAGRAPHS]):
        return ()
    sizes: dict[str, int] = {main: sum(map(weight, text.split("\n\n")))}
    for paragraph in strange:
        if (language := _told(paragraph, main)) != main:
            sizes[language] = sizes.get(language, 0) + weight(paragraph)
            sizes[main] -= weight(paragraph)
    total = max(1, sum(sizes.values()))
    parts = [
        LanguagePart(language=language, script=_iso_script(language), share=round(size / total, 2))
        for language, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
        if size >= SMALLEST_PART * total
    ]
    return tuple(parts) if len(parts) > 1 else ()


def _shares(paragraph: str, little: Set[str]) -> bool:
    words = _WORD.findall(paragraph[:PARAGRAPH_LOOK_AT].casefold())
    return sum(word in little for word in words) >= SHARED_WORDS * max(1, len(words))


def _told(paragraph: str, main: str) -> str:
    """The language of a paragraph; the article's where the two are hard to tell apart."""
    text = paragraph[:PARAGRAPH_LOOK_AT]
    script, _ = _script(text)
    if script is None or (script == "han" and main.startswith("zh")):
        return main
    if script in _ONE_LANGUAGE:
        return main if main.split("-")[0] == _ONE_LANGUAGE[script] else detect(text, None)
    (language, chance) = _first_that_fits(_model().rank(text), script)
    language = _RENAMED.get(language, language)
    own, other = main.split("-")[0], language
    if chance < SURE or any({own, other} <= group for group in _CLOSE):
        return main if _fits(own, script) else language
    return language


def _iso_script(language: str) -> str:
    """The script a language of ours is written in (ISO 15924)."""
    primary, _, named = language.partition("-")
    if named:
        return named
    script = next((s for s, code in _ONE_LANGUAGE.items() if code == primary), None)
    script = script or next((s for s, codes in _LANGUAGES.items() if primary in codes), "latin")
    return _ISO_15924[script]
