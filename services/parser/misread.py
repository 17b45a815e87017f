"""Text whose bytes were read in another encoding than they were written in, which ftfy does not know: read again.

UTF-8 taken for a Chinese or Japanese encoding, and Chinese, Russian or Greek taken for Latin-1. What was read wrongly
looks like nothing that is written: a run of it is read again only where the result is sound and the run could not be.
"""

import re

from shared.contracts.article import Removed

# Ideographs (and more) that the commonest UTF-8 sequences of Chinese and Japanese look like in each encoding.
_UTF8_AS = (
    ("gb18030", re.compile("[鐨勬鍖浜锛銆鏄鍦涓鈥鍥鏂鍙鍚浠闈鏈鍒鍜琛瀹鏃鎴杩鐢閬鎬璁绗浼灞鍏]")),
    ("cp932", re.compile("[縺繧繝譁譛蜷逧莠荳譌縲]")),
)
# Two of them, one for each encoding and for points and commas, are in every text: a quick look.
_TELLING = "锛銆鏄鐨縺繧縲"
# What could not be read stands as U+FFFD.
_RUN = re.compile(r"[^\x00-\x7f\ufffd]{3,}")
# Words of nothing but the upper half of Latin-1: many of them are no language.
_HALF = re.compile(r"[\u00a1-\u00ff]{3,}")
_LONG_HALF = re.compile(r"[\u00a1-\u00ff]{5,}")
_FEWEST = 12
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FIRST_LEVEL = {"gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6)}
_LATIN = re.compile(r"[A-Za-z]")
# The commonest letters of what single bytes may have been.
_COMMON = {"cp1251": "оеаинтсрвл", "cp1253": "αοιετσνηυρ"}
_ENOUGH_COMMON = 0.5


def reread(text: str) -> str:
    """The line as it was written; sound text comes back unchanged."""
    for encoding, marks in _UTF8_AS:
        if len(marks.findall(text)) >= 2:
            text = _RUN.sub(lambda match, name=encoding: _as_utf8(match[0], name), text)  # type: ignore[misc]
    return _upper_half(text) if _HALF.search(text) else text


def may_be_misread(text: str) -> bool:
    """A quick look, before a page is taken apart."""
    return any(mark in text for mark in _TELLING) or _LONG_HALF.search(text) is not None


def _as_utf8(run: str, encoding: str) -> str:
    """A run read again; bytes that were lost at its ends or within become one U+FFFD each."""
    try:
        found = run.encode(encoding).decode("utf-8", "replace")
    except UnicodeEncodeError:
        return run
    lost = found.count("\ufffd")
    return run if 4 * lost > len(found) else found


def _upper_half(text: str) -> str:
    letters = sum(map(len, _HALF.findall(text)))
    # Letters of the lower half beside them would be sound in most languages that have accents.
    if letters < _FEWEST or 2 * len(_LATIN.findall(text)) > letters:
        return text
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return text
    return _korean(raw) or _japanese(raw) or _chinese(raw) or _single_bytes(raw) or text


def _korean(raw: bytes) -> str | None:
    """EUC-KR, where all of it is Hangul: its first bytes end where those of frequent ideographs in GBK go on."""
    return _mostly(raw, "euc_kr", _HANGUL, 0.98)


def _japanese(raw: bytes) -> str | None:
    """EUC-JP: much of it is kana, which other encodings would read as rare signs."""
    return _mostly(raw, "euc_jp", _KANA, 0.3)


def _mostly(raw: bytes, encoding: str, letters: re.Pattern[str], share: float) -> str | None:
    try:
        found = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    wide = [c for c in found if c.isalpha() and not c.isascii()]
    return found if wide and len(letters.findall(found)) >= share * len(wide) else None


def _chinese(raw: bytes) -> str | None:
    """GBK, where nearly all of it is ideographs of the first level (the frequent ones)."""
    try:
        found = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return found if frequent_share(found, "gb18030") >= 0.8 else None


def frequent_share(text: str, encoding: str) -> float:
    """The share of a text's ideographs that stand on the first level, that of the frequent ones, in an encoding."""
    first, last = _FIRST_LEVEL[encoding]
    han = _HAN.findall(text[:20_000])
    raw = (character.encode(encoding, "ignore")[:1] for character in han)
    return float(sum(first <= lead[0] <= last for lead in raw if lead)) / max(1, len(han))


def _single_bytes(raw: bytes) -> str | None:
    best, found = 0.0, None
    for encoding, common in _COMMON.items():
        text = raw.decode(encoding, "replace")
        letters = [c for c in text.lower() if c.isalpha() and not c.isascii()]
        share = sum(c in common for c in letters) / max(1, len(letters))
        if share > best and "\ufffd" not in text:
            best, found = share, text
    return found if best >= _ENOUGH_COMMON else None


def damage_told(before: str, after: str) -> tuple[Removed, ...]:
    """What was read again, told by its first place: the damaged words, with the sound ones in the reason."""
    if before == after:
        return ()
    at = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    damaged, sound = _around(before, at), _around(after, at)
    return (Removed(text=damaged, reason=f"damaged letters, read again as “{sound}”"),) if damaged else ()


def _around(text: str, at: int) -> str:
    """The words about a place, without markup."""
    start = max(text.rfind(sign, max(0, at - 20), at) for sign in " <>\n") + 1 or max(0, at - 20)
    return re.split(r"[<>\n]", text[start : at + 40])[0].strip()
