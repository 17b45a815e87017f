"""The templates of the sample press, and how they write days, times and addresses."""

from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.sample.addresses import Addresses
from services.sample.press import FOLDER, Article
from services.sample.timeline import Edition

GENERATOR = "Heritage Wire sample"
# How each language's newspapers write a day, where the bare language would give another country's way.
_LOCALES = {"en": "en_GB", "ar": "ar_AE", "pt": "pt_PT", "zh": "zh_Hans", "zh-Hant": "zh_Hant"}
_OPEN_GRAPH = {
    "en": "en_GB", "de": "de_DE", "ru": "ru_RU", "fr": "fr_FR", "es": "es_ES", "pt": "pt_PT", "el": "el_GR",
    "pl": "pl_PL", "nl": "nl_NL",
}  # fmt: skip
_SUMMARY_WORDS, _SUMMARY_CHARACTERS = 32, 90


def environment(addresses: Addresses, folder: Path = FOLDER / "templates") -> Environment:
    """Jinja with everything escaped and no undefined name let through."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(("html", "xml")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    made.globals |= {"at": addresses, "generator": GENERATOR, "authors": authors}
    made.filters |= {
        "day": day,
        "long_day": long_day,
        "moment": moment,
        "utc": utc,
        "mail_date": mail_date,
        "open_graph": lambda language: _OPEN_GRAPH.get(language, language),
        "minutes": minutes,
        "beginning": beginning,
    }
    return made


def day(edition: Edition) -> str:
    """The day of publication as the page prints it."""
    return edition.article.shown or long_day(edition.published, edition.article.language)


def long_day(when: datetime, language: str) -> str:
    """A day in words."""
    return str(format_date(when, "long", locale=_LOCALES.get(language, language)))


def moment(when: datetime) -> str:
    """ISO 8601, to the second, with its own offset."""
    return when.isoformat(timespec="seconds")


def utc(when: datetime) -> str:
    """RFC 3339 in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mail_date(when: datetime) -> str:
    """RFC 5322, as RSS 2.0 wants it."""
    return format_datetime(when)


def minutes(body: tuple[str, ...]) -> int:
    """How long reading takes: about 200 words a minute."""
    return max(1, round(sum(len(p.split()) for p in body) / 200))


def beginning(paragraph: str) -> str:
    """The first words of a paragraph, as feeds cut them; of a script without spaces, the first characters."""
    words = paragraph.split(" ")
    if len(words) > _SUMMARY_WORDS:
        return " ".join(words[:_SUMMARY_WORDS])
    return paragraph if len(words) > 5 else paragraph[:_SUMMARY_CHARACTERS]


def authors(article: Article) -> list[dict[str, str]]:
    """The authors as schema.org wants them."""
    return [{"@type": "Person", "name": name} for name in article.authors]
