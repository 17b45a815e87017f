"""The data that a page carries in scripts which are no programs: JSON-LD (schema.org), and the state that a page drawn by
JavaScript brings along."""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

_WRAPPED = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$")


@dataclass(frozen=True, slots=True)
class PageData:
    """One such script; `linked` says whether it is JSON-LD."""

    linked: bool
    text: str

    def nodes(self, most: int) -> Iterator[dict[str, Any]]:
        """The objects in it, from the outside in, as far as `most` objects and lists reach; none in what is broken."""
        try:
            waiting = deque([json.loads(_WRAPPED.sub("", self.text), strict=False)])
        except (ValueError, RecursionError):
            return
        for _ in range(most):
            if not waiting:
                return
            item = waiting.popleft()
            if isinstance(item, dict):
                yield item
            held = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
            waiting.extend(v for v in held if isinstance(v, dict | list))


def page_data(tree: HtmlElement) -> Iterator[PageData]:
    """All data of a page, in the order of the document."""
    for script in tree.iter("script"):
        kind = (script.get("type") or "").lower()
        if "json" in kind and script.text:
            yield PageData("ld+json" in kind, script.text)
