"""The index on Elasticsearch: one backing index per month of first sight, behind aliases; any number of writers.

An article's month never changes, so its id always lands in the same backing index and is there once. Its version in
Elasticsearch is made of `(fetched_at, parse_version)` (`version_type=external_gte`), so that writers need not agree:
the older write loses wherever it comes from.

What is searched lies in fields under `search`, made by our own text analysis; `_source` is the article as the API gives
it, and its `title` and `text` are indexed in the ordinary way beside them, for Kibana and other tools.
"""

from shared.index.elasticsearch.reader import open_elasticsearch_reader
from shared.index.elasticsearch.writer import open_elasticsearch_writer

__all__ = ["open_elasticsearch_reader", "open_elasticsearch_writer"]
