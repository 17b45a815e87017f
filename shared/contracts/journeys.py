"""Which document's journey a message is part of."""

from shared.contracts.article import Struct
from shared.contracts.messages import Alert, ArticleUpdate, FetchedDocument, FetchRequest, ParsedArticle

SOURCE = "source:"


def journey_of(message: Struct) -> tuple[str, str | None]:
    """The address a message's journey goes by, and the article's id once there is one.

    Polling a source is a journey of the source itself, `source:ID`. A redirect goes on with the journey of the
    address that was asked for first.
    """
    match message:
        case FetchRequest(kind="poll" | "part"):
            return SOURCE + message.source.id, None
        case FetchRequest():
            return next(iter(message.chain), message.url), None
        case FetchedDocument():
            return message.url, None
        case ParsedArticle() | ArticleUpdate() | Alert():
            return message.article.url, message.article.id
        case _:
            return "", None
