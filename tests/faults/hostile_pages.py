"""Pages that mean harm, made in code; most stay just below the parser's own limits, where the work is hardest."""

import json
from functools import partial

from tests.faults.hostile import MILLION, STORY, Hostile, Made, nested, page, text


def laughs(levels: int = 10) -> str:
    """Entities that name entities: ten to the power of `levels`."""
    lines = ['<!DOCTYPE lolz [<!ENTITY lol0 "ha">']
    lines += [f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, levels)]
    return "".join(lines) + "]>"


def depth() -> Made:
    for tag in ("div", "span", "b", "ul", "blockquote", "section", "font", "a", "p", "q", "sup"):
        yield f"{tag} 25,000 deep", partial(nested, tag, 25_000)
    yield "div 500,000 deep, never closed", lambda: page("<div>" * 500_000)
    yield "lists in lists", lambda: nested("ul><li", 12_000)
    yield "tables in tables", lambda: nested("table><tr><td", 12_000)
    yield "tables in tables, 200 deep with text", lambda: page("<table><tr><td>x<td>" * 200 + STORY)
    yield "quotes in quotes with text", lambda: page("<blockquote><p>said" * 10_000)
    yield "formatting never closed", lambda: page("<b><i><u><em><strong><font>x</p><p>" * 3_000)
    yield "a thousand formats, ten thousand paragraphs", lambda: page("<b>" * 1000 + "<p>words" * 10_000)
    yield "misnested pairs", lambda: page("<b><p></b><i></p>text" * 9_000)
    yield "closing tags alone", lambda: page("</div>" * 50_000)
    yield "JSON-LD 100,000 deep", lambda: page("", _ld("[" * 100_000 + "]" * 100_000))
    yield "JSON-LD objects 50,000 deep", lambda: page("", _ld('{"a":' * 50_000 + "1" + "}" * 50_000))
    yield "JSON-LD graph 900 deep", lambda: page("", _ld('{"@graph":[' * 900 + "1" + "]}" * 900))


def _ld(content: str) -> str:
    return f'<script type="application/ld+json">{content}</script>'


def breadth() -> Made:
    yield "50,000 links", lambda: page('<a href="/x">more</a> ' * 29_000)
    yield "a million links", lambda: page("<a href=/x>y</a>" * MILLION)
    yield "50,000 empty paragraphs", lambda: page("<p></p>" * 29_000)
    yield "29,000 paragraphs", lambda: page("<p>Words of a story, and then more of them.</p>" * 29_000)
    yield "25,000 equal lines", lambda: page(f"<p>{STORY}</p>" * 25_000)
    yield (
        "25,000 different lines",
        lambda: page("".join(f"<p>Line {n} of the story number {n * 7}.</p>" for n in range(25_000))),
    )
    yield "50,000 breaks", lambda: page("some words<br>" * 50_000)
    yield "29,000 list items", lambda: page("<ul>" + "<li>item" * 29_000 + "</ul>")
    yield "a table of 29,000 cells", lambda: page("<table><tr>" + "<td>cell" * 29_000 + "</table>")
    yield "9,000 rows", lambda: page("<table>" + "<tr><td>a<td>b<td>c" * 9_000 + "</table>")
    yield (
        "a column span of a billion",
        lambda: page("<table>" + "<tr><td colspan=1000000000 rowspan=1000000000>a<td>b" * 500 + "</table>"),
    )
    yield "5,000 forms", lambda: page("<form><input type=email name=mail><p>Sign up</p></form>" * 5_000)
    yield "9,000 forms in one another", lambda: page("<form><div><input name=mail>" * 9_000)
    yield "20,000 options", lambda: page("<select>" + "<option>x" * 20_000 + "</select>")
    yield (
        "3,000 figures",
        lambda: page(
            "<figure><img src=a.jpg alt='An arch'><figcaption>An arch, photo: A. B.</figcaption></figure>"
            * 3_000
        ),
    )
    yield "10,000 times", lambda: page("<time datetime=2025-01-01>1 January 2025</time> " * 10_000)
    yield "9,000 meta tags", lambda: page("", "<meta property=article:author content='A B'>" * 9_000)
    yield "9,000 canonical links", lambda: page("", "<link rel=canonical href=https://a.example/x>" * 9_000)
    yield "2,000 JSON-LD blocks", lambda: page("", _ld('{"@type":"NewsArticle","headline":"x"}') * 2_000)
    yield "5,000 dates in text", lambda: page("<p>On 3 May 2025, and on 2025-05-03, at noon.</p>" * 5_000)
    yield "20,000 scripts", lambda: page("<script>var x = '<p>'</script>" * 14_000)
    yield "20,000 styles", lambda: page("<style>p{color:red}</style>" * 14_000)
    yield "20,000 iframes", lambda: page("<iframe src=/x></iframe>" * 14_000)
    yield "20,000 headings", lambda: page("<h2>Heading of a part</h2>" * 20_000)
    yield "20,000 classes alike", lambda: page('<div class="share related nav">Share</div>' * 20_000)
    yield "5,000 bodies", lambda: page("<html><head><body>" * 5_000)
    yield "9,000 articles", lambda: page(f"<article><p>{STORY}</p></article>" * 9_000)
    yield "frames", lambda: page("<frameset>" * 5_000 + "<frame src=x>" * 5_000)


def attributes() -> Made:
    yield "200,000 attributes", lambda: page("<p " + " ".join(f"a{n}=x" for n in range(200_000)) + ">x")
    yield (
        "4,900 attributes, ten times",
        lambda: page(("<p " + " ".join(f"a{n}=x" for n in range(4_900)) + ">x</p>") * 10),
    )
    yield (
        "1,900 attributes, 300 times",
        lambda: page(("<p " + " ".join(f"a{n}=x" for n in range(1_900)) + ">x</p>") * 300),
    )
    yield "an attribute of 7 MB", lambda: page(f'<p title="{"x" * 7_000_000}">words')
    yield "a class of a million names", lambda: page(f'<div class="{"share " * MILLION}">words</div>')
    yield "an open quote", lambda: page("<p title='" + "<b>x" * 50_000)
    yield "open quotes by the thousand", lambda: page("<p a=\"'" * 50_000)
    yield "a style of a million rules", lambda: page(f'<p style="{"color:red;" * 500_000}">words')
    yield "slashes in a tag", lambda: page("<p " + "/" * 2_000_000 + ">")
    yield "an address of 5 MB", lambda: page(f'<a href="https://a.example/{"x" * 5_000_000}">words</a>')
    yield (
        "a canonical address of 5 MB",
        lambda: page("", f'<link rel=canonical href="https://a.example/{"a/" * 2_500_000}">'),
    )
    yield "a tag name of 5 MB", lambda: page(f"<{'x' * 5_000_000}>words")


def size() -> Made:
    yield "40 MB of zero bytes", lambda: Hostile(bytes(40 * MILLION))
    yield "30 MB of spaces", lambda: Hostile(b" " * 30 * MILLION)
    yield "30 MB of text in a page", lambda: page("word " * 6 * MILLION)
    yield "7 MB of text in a page", lambda: page("word " * 1_400_000)
    yield "7 MB of text in one word", lambda: page("x" * 7 * MILLION)
    yield "900,000 letters in one word", lambda: page("<p>" + "x" * 900_000)
    yield "900,000 letters of one sentence", lambda: page("<p>" + "stone and mortar, " * 50_000)
    yield "900,000 letters in a title", lambda: page("", "</title><title>" + "stone and mortar " * 50_000)
    yield "a headline of 900,000 letters", lambda: page(f"<h1>{'stone and mortar ' * 50_000}</h1>")
    yield "plain text of 900,000 letters in a line", lambda: text("stone and mortar, " * 50_000)
    yield "plain text of one word", lambda: text("x" * 990_000)
    yield "plain text of 19,000 lines", lambda: text("Some words of a story.\n" * 19_000)
    yield "plain text of 19,000 short lines", lambda: text("Share\n" * 19_000)
    yield "plain text of a million line breaks", lambda: text("\n" * MILLION + STORY)
    yield "plain text of a million spaces", lambda: text(STORY + " " * MILLION + "x\n" + STORY)
    yield "plain text of hyphens", lambda: text("-" * 900_000)
    yield "emoji, four bytes each", lambda: page("<p>" + "🏛" * MILLION)
    yield "JSON-LD of 7 MB", lambda: page("", _ld(json.dumps({"articleBody": "word " * 1_400_000})))
    yield "JSON-LD of 7 MB of numbers", lambda: page("", _ld("[" + "1," * 3_500_000 + "1]"))
    yield "JSON-LD with a number of a million digits", lambda: page("", _ld('{"a":' + "9" * MILLION + "}"))
    yield (
        "JSON-LD of 100,000 authors",
        lambda: page(
            "",
            _ld(json.dumps({"@type": "NewsArticle", "author": [{"name": f"A {n}"} for n in range(100_000)]})),
        ),
    )
    yield "a comment of 7 MB", lambda: page(f"<!-- {'x' * 7_000_000} -->")
    yield "a data address of 7 MB", lambda: page(f"<img src=data:image/png;base64,{'A' * 7_000_000}>")


def foreign() -> Made:
    yield "comments in comments", lambda: page("<!--" * 100_000 + "x" + "-->" * 100_000)
    yield "50,000 comments", lambda: page("<!-- x -->" * 50_000)
    yield "a comment that never ends", lambda: page("<!--" + "<p>words</p>" * 20_000)
    yield "CDATA in CDATA", lambda: page("<![CDATA[" * 50_000 + "]]>" * 50_000)
    yield "50,000 instructions", lambda: page("<?php x ?>" * 50_000)
    yield "SVG 20,000 deep", lambda: nested("svg><g", 10_000)
    yield "SVG with HTML inside", lambda: page("<svg><foreignObject><div><p>words" * 5_000)
    yield "MathML 20,000 deep", lambda: nested("math><mrow", 10_000)
    yield "MathML and HTML in turns", lambda: page("<math><mi><mglyph><p><svg><title><style>" * 3_000)
    yield "templates in templates", lambda: nested("template", 20_000)
    yield "noscript in noscript", lambda: nested("noscript", 20_000)
    yield "a script that never ends", lambda: page("<script>" + "x<!-- <script>" * 50_000)
    yield "a text area that never ends", lambda: page("<textarea>" + "<p>words" * 50_000)
    yield "plaintext", lambda: page("<plaintext>" + "<p>words" * 20_000)
    yield (
        "XML with a DTD of laughs",
        lambda: Hostile(
            f'<?xml version="1.0"?>{laughs()}<html><body><p>&lol9;</p></body></html>'.encode(),
            "application/xhtml+xml",
        ),
    )
    yield (
        "laughs as text/xml",
        lambda: Hostile(f'<?xml version="1.0"?>{laughs()}<lolz>&lol9;</lolz>'.encode(), "text/xml"),
    )
    yield "laughs as a page", lambda: Hostile(f"{laughs()}<html><body>&lol9;</body></html>".encode())
    yield (
        "one entity 100,000 times",
        lambda: Hostile(
            f'<!DOCTYPE html [<!ENTITY a "{"x" * 100_000}">]><html><body><p>{"&a;" * 100_000}'.encode()
        ),
    )
    yield (
        "an outer entity",
        lambda: Hostile(
            b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>&x;</p>',
            "application/xhtml+xml",
        ),
    )
    yield "500,000 entities", lambda: page("&amp;&lt;&#x41;&#65;&nbsp;&bogus;" * 80_000)
    yield (
        "numbers no letter has",
        lambda: page("&#x110000;&#xD800;&#0;&#x1F;&#99999999999999999999;" * 20_000),
    )
    yield "entities in entities", lambda: page("&amp;" + "amp;" * 200_000 + "lt;")
