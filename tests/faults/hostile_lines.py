"""Lines that make patterns of our own work hard."""

from functools import partial

from tests.faults.hostile import STORY, Hostile, Made, page, text


def rules() -> Made:
    """Each as a paragraph, as plain text and as a title."""
    lines = {
        "almost a copyright line": "© " + "2025 " * 30_000 + "!",
        "almost a byline": "By " + "Anna " * 30_000 + "1",
        "almost a dateline": "PARIS, " * 20_000 + "—",
        "almost a date": "3 May " * 30_000,
        "almost a time": "12:" * 60_000,
        "digits": "1" * 200_000,
        "digits and commas": "1," * 100_000,
        "digits and dots": "1." * 100_000,
        "dots": "." * 200_000,
        "brackets": "(" * 100_000 + ")" * 100_000,
        "square brackets": "[" * 200_000,
        "open angle brackets": "< " * 40_000,
        "quotes": '"' * 200_000,
        "opening quotes": "“" * 200_000,
        "bars": "| " * 100_000,
        "dashes": " - " * 60_000,
        "stars": "*" * 200_000,
        "capitals": "A" * 200_000,
        "capitals with dots": "A." * 100_000,
        "Words Like Names": "Anna Berg " * 20_000,
        "of the of the": "of the " * 30_000,
        "Organisation of the Organisation": "Organisation for " * 12_000,
        "addresses": "https://a.example/" * 10_000,
        "mail addresses": "a@b." * 50_000,
        "at signs": "@" * 200_000,
        "telephone numbers": "+1 555 " * 30_000,
        "read more": "Read more " * 20_000,
        "share": "Share Tweet " * 20_000,
        "ideographic stops": "。" * 200_000,
        "Chinese years": "2025年" * 40_000,
        "Chinese numbers": "二〇二五" * 40_000,
        "photographer": "(Photo: " * 20_000,
        "spaces and a letter": " " * 200_000 + "x",
        "ordinals": "21st " * 40_000,
        "the General Assembly": "the 2nd General Assembly of " * 7_000,
        "ampersands": "&" * 200_000,
        "slashes": "/" * 200_000,
        "underscores": "_" * 200_000,
        "tabs": "\t" * 100_000 + "x",
        "line separators": "\u2028" * 100_000,
    }
    for name, line in lines.items():
        yield f"{name}, in a paragraph", partial(page, f"<p>{line}</p>")
        yield f"{name}, as plain text", partial(text, f"Granary reopens\n\n{line}\n\n{STORY}")
        yield (
            f"{name}, as a title",
            partial(
                Hostile,
                f"<html><head><title>{line}</title><meta name=author content='{line}'><meta name=date content='{line}'>"
                f"<meta name=description content='{line}'></head><body><h1>{line[:9000]}</h1><p>{STORY}</p>".encode(),
            ),
        )
