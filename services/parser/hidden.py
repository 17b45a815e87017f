"""What a page's broken markup hides from every reader: the rest of a page after a comment that is opened and never closed.

The HTML standard ends such a comment where the document ends, and browsers do so: nothing of it is the article. But
somebody wrote it to be read, so it is told.
"""

import re

from lxml.etree import LxmlError
from lxml.html import HtmlElement, document_fromstring

from services.parser.declared import text_of
from services.parser.lines import key_of, weight
from shared.contracts.article import Removed

UNCLOSED = "in a comment that the page opens and never closes: no browser shows it"
# Letters of an alphabet below which nothing that matters is hidden; characters of it that are looked at.
FEWEST, MOST = 200, 20_000
# Letters by which it is seen that the text stands in the page all the same.
TELLING = 60
# A comment ends at `-->`, `--!>`, or at once: `<!-->` and `<!--->` are whole comments.
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_NOT_TEXT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE)


def hidden_text(html: str, tree: HtmlElement) -> tuple[Removed, ...]:
    """The text in a comment without an end, of a page and the tree it was read into; nothing where little is hidden."""
    start = _unclosed(html)
    if start is None:
        return ()
    rest = _NOT_TEXT.sub(" ", html[start + 4 : start + MOST])
    try:
        text = text_of(document_fromstring(f"<div>{rest}</div>"))
    except (LxmlError, ValueError):
        return ()
    # No comment after all where it stands in a script or in an attribute: then what follows is in the tree.
    if weight(text) < FEWEST or key_of(text)[-TELLING:] in key_of(tree.text_content()):
        return ()
    return (Removed(text=text, reason=UNCLOSED),)


def _unclosed(html: str) -> int | None:
    """Where a comment begins that has no end."""
    last = html.rfind("<!--")
    if last < 0 or max(html.rfind("-->"), html.rfind("--!>")) > last:
        return None
    at = 0
    while (at := html.find("<!--", at)) >= 0:
        whole = _COMMENT.match(html, at)
        if whole is None:
            return at
        at = whole.end()
    return None
