"""What the parser's workers do, and what they need loaded for it. Imported in their processes alone."""

from datetime import UTC, datetime

import zstandard

from services.parser.bounded import PARSE, SKETCH, Parsed, Sketched, ToParse, ToSketch
from services.parser.classify import Classifier
from services.parser.items import item_documents
from services.parser.parse import parse, read
from services.parser.refusals import NotAnArticle, SeveralTexts
from services.parser.sketching import sketch_document
from shared.contracts.aliases import Alias
from shared.contracts.messages import FetchedDocument, Source
from shared.identity import article_id
from shared.taxonomy.taxonomy import load_taxonomy
from shared.workers.jobs import Jobs, job

# Read once at the start: models that are loaded on first use are loaded then, and what cannot work does not begin.
_SAMPLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Old granary reopens</title></head>
<body><nav><a href="/">Home</a></nav><article><h1>Old granary reopens</h1><time datetime="2025-05-03">3 May 2025</time>
<p>The granary by the harbour, a listed building since 1974, has reopened to visitors after four years of work.</p>
<p>Its beams were mended by hand, and the society that looks after it will show tools of the trade on two floors.</p>
<p>“We kept whatever could be kept,” said the architect, who had drawn every timber before it was moved.</p>
</article><footer>© 2025</footer></body></html>"""
_SAMPLE_URL = "https://sample.invalid/granary"
_SAMPLE_AT = datetime(2025, 5, 4, tzinfo=UTC)


def jobs() -> Jobs:
    """Load all that parsing needs. Raises when a document that must be an article becomes none."""
    classifier = Classifier(load_taxonomy())

    def parse_one(asked: ToParse) -> Parsed:
        document = asked.document
        try:
            found = read(document, asked.template)
        except SeveralTexts as e:
            return Parsed(items=item_documents(document, e.items))
        except NotAnArticle as e:
            return Parsed(not_an_article=str(e))
        own = Alias(
            address=document.url,
            article=article_id(document.url),
            url=document.url,
            first_seen_at=document.fetched_at,
        )
        return Parsed(article=parse(document, classifier, found, own))

    if (sample := parse_one(ToParse(document=_sample()))).article is None:
        raise RuntimeError(f"the parser does not work here: {sample.not_an_article}")
    return {PARSE: job(ToParse, parse_one), SKETCH: job(ToSketch, _sketch_one)}


def _sketch_one(asked: ToSketch) -> Sketched:
    return Sketched(sketch=sketch_document(asked.document))


def _sample() -> FetchedDocument:
    body = _SAMPLE.encode()
    return FetchedDocument(
        url=_SAMPLE_URL,
        final_url=_SAMPLE_URL,
        source=Source(id="sample"),
        media_type="text/html",
        body=zstandard.compress(body),
        size=len(body),
        sha256="",
        fetched_at=_SAMPLE_AT,
    )
