"""A page as the learner counts it: the fingerprints of its lines, with where each stands and what shape it has."""

from array import array
from collections.abc import Iterator

from shared.contracts.article import Struct

# What a line is.
SENTENCE, LINK, LOOSE = 1, 2, 4
# Weights are kept in steps of so many letters, up to so many steps.
GRAIN, HEAVIEST = 8, 255


class Sketch(Struct, frozen=True, kw_only=True):
    """A page's lines as numbers, in the order of the page. `group` names the pages that are built like it.

    `texts` are 64-bit fingerprints, `paths` 32-bit hashes, `flags` and `weights` bytes, all little-endian; weights
    are letters in steps of eight.
    """

    group: str
    texts: bytes
    paths: bytes
    flags: bytes
    weights: bytes

    def lines(self) -> Iterator[tuple[int, int, int, int]]:
        """Every line's fingerprint, path, flags and weight in letters."""
        texts, paths = array("Q", self.texts), array("I", self.paths)
        return (
            (text, path, flag, weight * GRAIN)
            for text, path, flag, weight in zip(texts, paths, self.flags, self.weights, strict=True)
        )
