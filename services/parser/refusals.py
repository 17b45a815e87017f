"""Why a document is no article: what ends its journey without being a failure."""

from services.parser.items import Item


class NotAnArticle(Exception):
    """The document holds no article: the end of its journey, not a failure. The text says why."""


class SeveralTexts(NotAnArticle):
    """The document holds several: each of `items` is one, to be read by itself."""

    def __init__(self, says: str, items: tuple[Item, ...]) -> None:
        super().__init__(says)
        self.items = items


class Walled(NotAnArticle):
    """The article is there and is not shown: a wall or a check `stands` in its place."""

    def __init__(self, says: str, stands: str) -> None:
        super().__init__(says)
        self.stands = stands
