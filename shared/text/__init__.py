"""One text analysis for every engine: tokens with offsets, stems, and the same for whole articles."""

from shared.text.analysis import (
    LONGEST_TOKEN,
    POSITION_GAP,
    FieldTokens,
    Token,
    analyse,
    folded,
    phrase,
    phrase_text,
    token_texts,
    tokens,
)
from shared.text.stemming import inflections, stem_language, stem_term, stem_terms

__all__ = [
    "LONGEST_TOKEN",
    "POSITION_GAP",
    "FieldTokens",
    "Token",
    "analyse",
    "folded",
    "inflections",
    "phrase",
    "phrase_text",
    "stem_language",
    "stem_term",
    "stem_terms",
    "token_texts",
    "tokens",
]
