"""Generated documents: as many as a test needs, each its own story, always the same for the same number."""

import random
from pathlib import Path

BODIES = (
    ("International Council on Monuments and Sites (ICOMOS)", "ICOMOS"),
    ("ALIPH Foundation", "ALIPH"),
    ("World Monuments Fund", "WMF"),
    ("Alliance for Cultural Heritage in Asia (ACHA)", "ACHA"),
    ("Europa Nostra", "Europa Nostra"),
    ("International Council of Museums (ICOM)", "ICOM"),
)
ACTS = (
    "signed an agreement with the ministry of culture",
    "opened a training workshop for conservators",
    "awarded a grant for emergency works",
    "held its general assembly",
    "published its annual report",
    "opened an exhibition of restored manuscripts",
    "named a new secretary-general",
)
PLACES = (
    "Cairo",
    "Lima",
    "Yerevan",
    "Kathmandu",
    "Fez",
    "Cusco",
    "Samarkand",
    "Lalibela",
    "Valletta",
    "Hanoi",
)
MONTHS = ("January", "March", "May", "June", "September", "November")
NOUNS = [
    "mortar",
    "arch",
    "vault",
    "mosaic",
    "parchment",
    "lintel",
    "cistern",
    "caravanserai",
    "fresco",
    "terrace",
    "kiln",
    "loom",
    "ledger",
    "relief",
    "stupa",
    "gatehouse",
    "quay",
    "granary",
    "scriptorium",
    "minaret",
    "belfry",
    "aqueduct",
    "rampart",
    "tannery",
    "shrine",
    "archive",
    "lantern",
    "tapestry",
]
VERBS = [
    "survey",
    "measure",
    "repair",
    "record",
    "stabilise",
    "clean",
    "document",
    "catalogue",
    "restore",
    "monitor",
    "ventilate",
    "drain",
]


def story(number: int) -> tuple[str, str, str]:
    """Title, date and body paragraphs of one story. The words of each are drawn anew, so none copies another."""
    draw = random.Random(number)
    name, short = BODIES[number % len(BODIES)]
    act, place = draw.choice(ACTS), draw.choice(PLACES)
    day = f"{draw.randint(1, 28)} {draw.choice(MONTHS)} {draw.randint(2010, 2025)}"
    title = f"{short} {act} in {place}: dossier {number}"
    sentences = [f"The {name} {act} in {place} on {day}."]
    for _ in range(draw.randint(8, 14)):
        nouns, verbs = draw.sample(NOUNS, 4), draw.sample(VERBS, 2)
        sentences.append(
            f"Specialists came to {verbs[0]} the {nouns[0]} and the {nouns[1]}, and to {verbs[1]} "
            f"{draw.randint(2, 99)} pieces from the {nouns[2]} beside the old {nouns[3]} of {draw.choice(PLACES)}."
        )
    half = len(sentences) // 2
    return title, day, f"{' '.join(sentences[:half])}\n\n{' '.join(sentences[half:])}"


def page(number: int) -> str:
    """The story as an HTML page with furniture around it."""
    title, _, body = story(number)
    paragraphs = "".join(f"<p>{p}</p>" for p in body.split("\n\n"))
    return (
        f"<!doctype html><html lang=en><head><title>{title} | Test Gazette</title></head><body>"
        "<nav><a href='/'>Home</a> <a href='/world'>World</a> <a href='/about'>About us</a></nav>"
        f"<main><article><h1>{title}</h1>{paragraphs}</article></main>"
        "<footer>We use cookies. <a href='/privacy'>Privacy policy</a> © Test Gazette</footer></body></html>"
    )


def write_documents(folder: Path, count: int) -> dict[str, str]:
    """`count` files: mostly pages and texts; one in 50 is no article, and one in 50 no document at all.

    Returns what must become of each, by address: `indexed` or `not indexed`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fates = {}
    for number in range(count):
        if number % 50 == 7:
            path, content, fate = folder / f"{number:05}.html", b"<html><body></body></html>", "not indexed"
        elif number % 50 == 23:
            path, content, fate = folder / f"{number:05}.bin", bytes(range(256)), "not indexed"
        elif number % 2:
            title, _, body = story(number)
            path, content, fate = folder / f"{number:05}.txt", f"{title}\n\n{body}\n".encode(), "indexed"
        else:
            path, content, fate = folder / f"{number:05}.html", page(number).encode(), "indexed"
        path.write_bytes(content)
        fates[path.absolute().as_uri()] = fate
    return fates
