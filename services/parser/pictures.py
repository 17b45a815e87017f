"""The lead picture of a page, with its caption, who made or owns it, and its terms."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from services.parser.bylines import agency_named
from services.parser.declared import Declared, absolute, clean, listed, name_in, text_of
from shared.contracts.article import Image

LONGEST_CAPTION = 500
LONGEST_CREDIT = 120
MOST_FIGURES = 6
_NO_PICTURE = re.compile(
    r"logo|placeholder|favicon|default[-_.]|/(?:blank|spacer|pixel)\.|sprite|avatar|share[-_]image|og[-_]default|no[-_]?image",
    re.IGNORECASE,
)
_FIGURES = XPath(
    "//figure[.//img or .//picture or .//amp-img] | //div[contains(@class, 'wp-caption') or contains(@class, 'photo')][.//img]"
)
_CREDIT_NODES = XPath(
    ".//*[contains(@class, 'redit') or contains(@class, 'opyright') or contains(@class, 'photographer')"
    " or contains(@class, 'img-source') or contains(@class, 'image-source') or contains(@class, 'attribution')"
    " or @itemprop='copyrightHolder' or @itemprop='creditText' or @itemprop='author']"
)
_CAPTIONS = XPath(".//figcaption | .//*[contains(@class, 'caption') or @itemprop='caption']")
_LICENSES = XPath(
    ".//a[contains(@rel, 'license')]/@href | .//a[contains(@href, 'creativecommons.org/')]/@href"
)
_SAYS_CREDIT = (
    r"photo(?:graph(?:er|y)?|s)?(?: credits?| courtesy(?: of)?| by)?|images?(?: credits?| courtesy(?: of)?| by)|pictures?(?: by|:)|credits?|courtesy(?: of)?|source"
    r"|cr[ée]dits?(?: photos?)?|photos?|foto(?:graf(?:ie|ia|o|ía))?|bild(?:quelle|nachweis)?|quelle|imagen|cortes[ií]a(?: de)?|crédito|immagine|beeld"
    r"|фото|zdj\.|fot\.|φωτο(?:γραφία)?|fotoğraf|ảnh|عکس|الصورة|صورة|تصوير|صور|图片来源|图源|圖片來源|图片|圖片|摄影|攝影|写真|撮影|提供|사진|ภาพ"
)
_LABELLED = re.compile(
    rf"(?:^|[\s.|(（\[【—–-])(?P<all>[(（\[【]?\s?(?:{_SAYS_CREDIT})\s?(?:[:：/|]|\s(?:by|courtesy of)\s|(?<=by)\s|(?<=of)\s|(?<=\.)\s)\s?(?P<name>[^()（）\[\]【】|]{{2,100}}?)\s?[)）\]】]?)\s?\.?$",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"(?P<all>[(（\[]?\s?(?:©|\(c\)|copyright)\s?(?P<name>[^()（）\[\]|]{2,100}?)\s?[)）\]]?)\s?\.?$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"(?P<all>[(（\[](?P<name>[^()（）\[\]]{2,80})[)）\]])\s?\.?$")
_LAST_WORDS = re.compile(r"(?:^|(?<=[.!?。]\s))(?P<all>(?P<name>[^.!?:：()\[\]【】]{2,60}))$")
_TERMS = re.compile(
    r"\b(?:CC[ -](?:BY(?:-[A-Z]{2})*|0)(?:[ -]\d\.\d)?(?: [A-Z]{2,3})?|public domain|creative commons[\w .-]{0,40}|all rights reserved|fair use|handout)\b",
    re.IGNORECASE,
)
_PHOTO_BANKS = re.compile(
    r"getty(?: images)?|shutterstock|alamy|unsplash|pexels|pixabay|istock|wikimedia(?: commons)?|flickr|imago|picture alliance|vcg|cfp|cnsphoto|ic photo|imaginechina|epa(?:-efe)?|zuma",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Words:
    caption: str | None = None
    credit: str | None = None
    license: str | None = None


def lead_image(tree: HtmlElement, told: Declared, url: str) -> Image | None:
    """The picture the page is known by; its words come from JSON-LD, then from the figure that shows it."""
    ours = [node for image in listed(told.article.get("image")) for node in _resolved(image, told.images)]
    for link in (*_shared(told), *(node.get("url") or node.get("contentUrl") for node in ours)):
        address = absolute(url, link)
        if address and not _NO_PICTURE.search(address):
            node = next(
                (n for n in (*ours, *told.images) if _same(address, n.get("url") or n.get("contentUrl"))),
                None,
            )
            words = _merged(_of_node(node or (ours[0] if len(ours) == 1 else {})), _shown(tree, address))
            alt = told.metas.get("og:image:alt") or told.metas.get("twitter:image:alt")
            return Image(
                url=address,
                caption=(words.caption or alt or "")[:LONGEST_CAPTION] or None,
                credit=words.credit,
                license=words.license,
            )
    return None


def _shared(told: Declared) -> Iterator[str | None]:
    for key in ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"):
        yield told.metas.get(key)


def _resolved(image: object, images: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """An image as JSON-LD tells it: an address, an object, or a reference to one."""
    if isinstance(image, str):
        yield {"url": image}
    elif isinstance(image, dict):
        if not (image.get("url") or image.get("contentUrl")) and image.get("@id"):
            image = next(
                (node for node in images if node.get("@id") == image["@id"] and len(node) > 1), image
            )
        yield image


def _file(link: object) -> str:
    try:
        path = urlsplit(link).path if isinstance(link, str) else ""
    except ValueError:
        return ""
    # WordPress names its smaller copies "gate-1024x683.jpg".
    return re.sub(r"(?:[-_]\d{2,4}x\d{2,4}|-scaled|@2x)?(?:\.\w{3,4})?$", "", path.rsplit("/", 1)[-1]).lower()


def _same(a: object, b: object) -> bool:
    return len(_file(a)) >= 4 and _file(a) == _file(b)


def _of_node(node: dict[str, Any]) -> _Words:
    credit = (
        clean(node.get("creditText")) or name_in(node.get("copyrightHolder")) or name_in(node.get("creator"))
    )
    credit = credit or name_in(node.get("author")) or clean(node.get("copyrightNotice"))
    terms = node.get("license") or node.get("acquireLicensePage")
    told = split_caption(clean(node.get("caption")))
    return _Words(
        told.caption, credit[:LONGEST_CREDIT] or told.credit, clean(terms)[:200] or told.license or None
    )


def _merged(first: _Words, second: _Words) -> _Words:
    return _Words(
        first.caption or second.caption, first.credit or second.credit, first.license or second.license
    )


def _shown(tree: HtmlElement, address: str) -> _Words:
    """What the figure with the picture says; the only one of a page speaks for it under any name."""
    figures = cast(list[HtmlElement], _FIGURES(tree))[:MOST_FIGURES]
    for figure in figures:
        sources = [image.get("src") or image.get("data-src") for image in figure.iter("img", "amp-img")]
        if any(_same(address, source) for source in sources):
            return _figure_words(figure)
    return _figure_words(figures[0]) if len(figures) == 1 else _Words()


def _figure_words(figure: HtmlElement) -> _Words:
    credit = next(
        (
            t
            for n in cast(list[HtmlElement], _CREDIT_NODES(figure))
            if (t := text_of(n)) and len(t) <= LONGEST_CREDIT
        ),
        "",
    )
    caption = next((t for n in cast(list[HtmlElement], _CAPTIONS(figure)) if (t := text_of(n))), "")
    if credit and caption.endswith(credit):
        caption = caption[: -len(credit)].rstrip(" -–—|(")
    told = split_caption(caption)
    license = next(iter(cast(list[str], _LICENSES(figure))), None)
    return _Words(told.caption, _bare(credit) or told.credit, license or told.license or _terms(credit))


def _bare(credit: str) -> str | None:
    """A credit without the words that say it is one."""
    match = _LABELLED.match(credit) or _MARKED.match(credit)
    return (match["name"] if match else credit).strip(" ()（）[]©.:") or None


def _terms(text: str) -> str | None:
    found = _TERMS.search(text)
    return found[0] if found else None


def split_caption(caption: str) -> _Words:
    """Caption, credit and terms of a line: "The gate. (Photo: Ann Lee/AFP)" → The gate. / Ann Lee/AFP."""
    caption = caption[:LONGEST_CAPTION]
    for pattern in (_LAST_WORDS, _LABELLED, _MARKED, _IN_BRACKETS):
        match = pattern.search(caption)
        if match is None or (pattern in (_IN_BRACKETS, _LAST_WORDS) and not _is_credit(match["name"])):
            continue
        rest = caption[: match.start("all")].rstrip(" -–—|")
        credit = match["name"].strip(" .:") if len(match["name"]) <= LONGEST_CREDIT else None
        return _Words(rest or None, credit or None, _terms(match["all"]))
    return _Words(caption or None, None, _terms(caption))


def _is_credit(name: str) -> bool:
    """Whether words in brackets, or around a slash, name an agency or a picture library."""
    parts = re.split(r"\s?(?:[/|,]|\s(?:via|for)\s)\s?", name)
    return any(
        agency_named(part.removesuffix(" Photo")) or _PHOTO_BANKS.fullmatch(part.strip()) for part in parts
    )
