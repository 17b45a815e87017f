"""A parcel in words for people: as plain text and as HTML, with the words that prove the match marked."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from services.alerter.delivery.parcel import News, Parcel, Piece
from services.alerter.delivery.sending import one_line, visible
from shared.feeds import web_address

# Articles of a digest that are written out in a message to a person.
MOST_NEWS = 100
LONGEST_SUBJECT = 160


class Wording:
    """Writes parcels out. `public_url` is where the dashboard is reached; without it nothing links there."""

    def __init__(self, public_url: str | None) -> None:
        self._public_url = public_url
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def subject(self, parcel: Parcel) -> str:
        """The title of the message, in one line."""
        return one_line(parcel.subject, LONGEST_SUBJECT) or "Heritage Wire"

    def text(self, parcel: Parcel) -> str:
        """As plain text; marked words stand between asterisks."""
        return self._written("parcel.txt", parcel, _starred)

    def html(self, parcel: Parcel) -> str:
        """As HTML: everything from outside is escaped."""
        return self._written("parcel.html", parcel, _marked)

    def manage(self, parcel: Parcel) -> str:
        """Where the subscription can be changed or ended; '' where nobody said how the dashboard is reached."""
        if not self._public_url:
            return ""
        return f"{self._public_url}/alerts/{quote(parcel.subscription, safe='')}"

    def _written(self, template: str, parcel: Parcel, marked: Callable[[Sequence[Piece]], str]) -> str:
        return self._templates.get_template(template).render(
            parcel=parcel,
            subject=self.subject(parcel),
            shown=parcel.news[:MOST_NEWS],
            left_out=max(0, len(parcel.news) - MOST_NEWS),
            manage=self.manage(parcel),
            link=_link,
            line=one_line,
            visible=visible,
            marked=marked,
        )


def _link(news: News) -> str:
    return web_address(news.url)


def _starred(pieces: Sequence[Piece]) -> str:
    return one_line("".join(f"*{text}*" if proof else text for text, proof in pieces), 1000)


def _marked(pieces: Sequence[Piece]) -> Markup:
    return Markup("").join(
        Markup('<mark style="background:#ffe9a8">{}</mark>').format(visible(text))
        if proof
        else Markup("{}").format(visible(text))
        for text, proof in pieces
    )
