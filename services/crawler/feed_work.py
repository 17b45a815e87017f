"""What the crawler's worker does: it reads what strangers send. Imported in its process alone."""

from services.crawler.feed_worker import READ, Reply
from services.crawler.found import Unreadable
from services.crawler.reading import Question, read_source
from shared.workers.jobs import Jobs, job


def jobs() -> Jobs:
    """The one job."""
    return {READ: job(Question, reply_to)}


def reply_to(question: Question) -> Reply:
    """The reply to one question; a fault of a parser is one of the content."""
    try:
        return Reply(found=read_source(question))
    except Unreadable as e:
        return Reply(fault=str(e))
    except MemoryError:
        raise
    except Exception as e:
        return Reply(fault=f"it cannot be read ({type(e).__name__}: {' '.join(str(e).split())[:150]})")
