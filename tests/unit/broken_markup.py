"""Broken markup between two paragraphs, and what a browser shows of the second: True when it is to be read."""

BEFORE = "The masons laid the stones of the northern arch out on the meadow before the village."
AFTER = "In the autumn each of them came back to its place, and the villagers danced on the bridge."

MARKUP = {
    "closed comment": ("<!-- x -->", True),
    "empty comment": ("<!-->", True),
    "empty comment with a dash": ("<!--->", True),
    "comment closed by a bang": ("<!-- x --!>", True),
    "comment in a comment": ("<!-- a <!-- b -->", True),
    "comment of dashes": ("<!---- x ---->", True),
    "comment with a zero": ("<!-- \0 -->", True),
    "comment that another one closes": ("<!-- x <p>between</p><!-- y -->", True),
    "comment without an end": ("<!-- x ", False),
    "end with a space in it": ("<!-- x -- >", False),
    "end with one dash": ("<!-- x ->", False),
    "beginning with one dash": ("<!- x ->", True),
    "declaration": ("<!x>", True),
    "empty declaration": ("<!>", True),
    "end of nothing": ("</!x>", True),
    "instruction": ("<?php echo 1; ?>", True),
    "marked section": ("<![CDATA[ x ]]>", True),
    "condition": ("<!--[if IE]><p>old</p><![endif]-->", True),
    "condition for others": ("<!--[if !IE]><!--><p>new</p><!--<![endif]-->", True),
    "open condition": ("<![if !IE]><p>new</p><![endif]>", True),
    "comment in a script": ("<script><!-- x </script>", True),
    "script in a comment in a script": ("<script><!--<script></script>", False),
    "comment in a style": ("<style><!-- x </style>", True),
    "comment in a field": ("<textarea><!-- x </textarea>", True),
    "comment in an attribute": ("<a title='<!--'>k</a>", True),
    "attribute without an end": ("<a title='x>k</a>", False),
    "script without an end": ("<script> x ", False),
    "style without an end": ("<style> x", False),
    "frame without an end": ("<iframe> x", False),
    "template without an end": ("<template>", False),
    "button without an end": ("<button>", True),
    "table without an end": ("<table><tr><td>", True),
    "list without an end": ("<select><option>x", True),
    "formula without an end": ("<math><mi>", True),
    "drawing without an end": ("<svg>", True),
    "second head": ("<head>", True),
    "set of frames": ("<frameset>", True),
}


def page(markup: str) -> str:
    """A page with this between its paragraphs."""
    return f"<!doctype html><html><head><title>t</title></head><body><p>{BEFORE}</p>{markup}<p>{AFTER}</p></body></html>"
