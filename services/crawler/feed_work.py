"""What the crawler's worker does: it reads what strangers send. Imported in its process alone."""

from services.crawler.feed_worker import LINKS, READ, LinksReply, Reply
from services.crawler.found import Unreadable
from services.crawler.part_links import Asked, find_links
from services.crawler.reading import Question, read_source
from shared.workers.jobs import Jobs, job


def jobs() -> Jobs:
    """The two jobs."""
    return {READ: job(Question, reply_to), LINKS: job(Asked, links_of)}


def reply_to(question: Question) -> Reply:
    """The reply to one question; a fault of a parser is one of the content."""
    try:
        return Reply(found=read_source(question))
    except Unreadable as e:
        return Reply(fault=str(e))
    except MemoryError:
        raise
    except Exception as e:
        return Reply(fault=_told(e))


def links_of(asked: Asked) -> LinksReply:
    """What a page links to of its own article; a fault of a parser is one of the content."""
    try:
        return LinksReply(links=find_links(asked))
    except MemoryError:
        raise
    except Exception as e:
        return LinksReply(fault=_told(e))


def _told(error: Exception) -> str:
    return f"it cannot be read ({type(error).__name__}: {' '.join(str(error).split())[:150]})"
