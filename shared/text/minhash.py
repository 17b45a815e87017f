"""MinHash signatures of texts: how alike two texts are, from 512 bytes each, and which texts are worth comparing.

A signature estimates the Jaccard similarity of the sets of word pairs (Broder, "On the resemblance and containment
of documents", 1997); banding finds the candidates (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4).
Signatures depend on the words alone, not on process or machine. They are kept in messages and in the store: should
an update of rensa change its hashes, the golden signature in the tests fails and articles must be parsed again.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from operator import eq

import regex
from rensa import RMinHash

from shared.text.scripts import SPACELESS

VALUES = 128
BANDS = 32
_BAND_BYTES = VALUES // BANDS * 4
_SEED = 1
# Scripts written without spaces between words, and Korean: there a character counts as half a word.
_UNITS = regex.compile(rf"[{SPACELESS}]\p{{M}}*|[^{SPACELESS}]+")
_CHARACTER = regex.compile(rf"[{SPACELESS}]")
FEWEST_HALF_WORDS = 16


def signature(words: Sequence[str]) -> bytes:
    """128 unsigned 32-bit values, little-endian, of the words in their order, as they stand in the text.

    Words of scripts without spaces are taken apart into characters, so it does not matter how they were cut; tokens
    of `shared.text.analysis`, where characters and overlapping pairs of them alternate, give the same characters.
    Below about eight words there is nothing to compare: the signature is empty.
    """
    units: list[str] = []
    for word in words:
        parts = [word] if word.isascii() else _UNITS.findall(word)
        if len(parts) == 2 and units and units[-1] == parts[0]:
            continue  # a pair that overlaps the character before it
        units += parts
    # No more than so many units decide it.
    if sum(1 if _CHARACTER.match(unit) else 2 for unit in units[:FEWEST_HALF_WORDS]) < FEWEST_HALF_WORDS:
        return b""
    # Pairs: with triples one word changed in ten leaves a similarity of .57, too near to what unrelated texts reach.
    sketch = RMinHash(num_perm=VALUES, seed=_SEED)
    sketch.update([f"{one} {other}" for one, other in pairwise(units)])
    return struct.pack(f"<{VALUES}I", *sketch.digest())


def bands(signature: bytes) -> tuple[bytes, ...]:
    """32 pieces of 4 values: texts that share none, at the same place, are not alike. None for no signature."""
    _check(signature)
    return tuple(signature[at : at + _BAND_BYTES] for at in range(0, len(signature), _BAND_BYTES))


def similarity(a: bytes, b: bytes) -> float:
    """The estimated share of word pairs the two texts have in common, 0 to 1; 0 where a signature is empty."""
    _check(a)
    _check(b)
    if not a or not b:
        return 0.0
    same = sum(map(eq, memoryview(a).cast("I"), memoryview(b).cast("I")))
    return float(same / VALUES)


def _check(signature: bytes) -> None:
    if len(signature) not in (0, VALUES * 4):
        raise ValueError(f"a MinHash signature has {VALUES * 4} bytes or none, this one has {len(signature)}")
