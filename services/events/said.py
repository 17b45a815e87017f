"""What readers said of articles, as the events service applies it: to every article that passes, and at once."""

from collections.abc import Callable
from functools import cached_property

from msgspec.structs import replace

from services.events.documents import ArticleDocument
from shared.bus.port import Bus
from shared.contracts.messages import ParsedArticle
from shared.corrections.applying import Found, corrected, corrected_facts, found_in, with_labels
from shared.corrections.following import Followed
from shared.taxonomy.taxonomy import Taxonomy, load_taxonomy

# Articles that are corrected in one go, so that new ones are not kept waiting.
AT_ONCE = 100


class Said:
    """The corrections that hold. Without a bus there are none."""

    def __init__(self, bus: Bus | None = None, load: Callable[[], Taxonomy] = load_taxonomy) -> None:
        self._bus = bus
        self._load = load
        self._followed = Followed(bus) if bus else None

    def forget(self) -> None:
        """Read everything anew, the next time: each article that was ever corrected is looked at again."""
        self._followed = Followed(self._bus) if self._bus else None

    def catch_up(self) -> None:
        """Take over what was published until now. Raises BusUnavailable."""
        if self._followed:
            self._followed.catch_up()

    def touched(self) -> list[str]:
        """Articles of which something new was said; each is told once."""
        return self._followed.touched(AT_ONCE) if self._followed else []

    def over(self, parsed: ParsedArticle) -> tuple[ParsedArticle, Found | None]:
        """The article as readers put it right, and what was found of it before; None where nobody said anything."""
        said = self._followed.of(parsed.article.id) if self._followed else ()
        if not said:
            return parsed, None
        article = corrected(parsed.article, said, self._taxonomy)
        facts = corrected_facts(parsed.facts, article, said)
        return ParsedArticle(article=article, facts=facts), found_in(parsed.article)

    @cached_property
    def _taxonomy(self) -> Taxonomy:
        """Read when the first correction is met."""
        return self._load()


def as_found(document: ArticleDocument) -> ParsedArticle:
    """The article as the parser gave it, without what readers said."""
    if document.found is None:
        return ParsedArticle(article=document.article, facts=document.facts)
    article = with_labels(document.article, document.found)
    facts = corrected_facts(document.facts, article, ())
    return ParsedArticle(article=article, facts=replace(facts, same_as=None))
