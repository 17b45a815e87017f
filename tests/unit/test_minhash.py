"""Signatures say how alike texts are, the same on every machine."""

import hashlib
import subprocess
import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text.minhash import BANDS, bands, signature, similarity
from tests.conftest import ROOT

WORDS = [
    "the",
    "old",
    "bridge",
    "over",
    "the",
    "river",
    "was",
    "rebuilt",
    "stone",
    "by",
    "stone",
    "after",
    "the",
    "flood",
]
CHINESE = "古桥在洪水之后由石匠逐块重建并于去年秋天重新开放"
# Of WORDS, by rensa's algorithm version 2. Should this change, kept signatures and new ones cannot be compared:
# raise PARSE_VERSION and have the articles parsed again.
GOLDEN = "41e05578"


def test_signature_is_the_same_in_every_process() -> None:
    ours = hashlib.sha256(signature(WORDS)).hexdigest()
    program = (
        "import hashlib; from shared.text.minhash import signature;"
        f"print(hashlib.sha256(signature({WORDS!r})).hexdigest())"
    )
    theirs = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7"},
    )
    assert theirs.stdout.strip() == ours
    assert ours.startswith(GOLDEN)


def test_shape() -> None:
    made = signature(WORDS)
    assert len(made) == 512
    assert len(bands(made)) == BANDS
    assert b"".join(bands(made)) == made


def test_short_texts_have_no_signature_and_are_like_nothing() -> None:
    assert signature([]) == b""
    assert signature(["only", "seven", "words", "stand", "here", "you", "see"]) == b""
    assert signature(["古桥重建"]) == b""
    assert bands(b"") == ()
    assert similarity(b"", b"") == 0.0
    assert similarity(b"", signature(WORDS)) == 0.0
    assert signature([CHINESE]) != b""


def test_unspaced_scripts_do_not_depend_on_how_words_are_cut() -> None:
    whole = signature([CHINESE])
    assert signature(list(CHINESE)) == whole
    assert signature([CHINESE[:5], CHINESE[5:]]) == whole
    overlapping = [t for n, c in enumerate(CHINESE) for t in (c, CHINESE[n : n + 2]) if len(t) == 1 or t != c]
    assert signature(overlapping[:-1] if len(overlapping[-1]) == 1 else overlapping) == whole


def test_a_signature_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="512 bytes or none, this one has 3"):
        similarity(b"abc", signature(WORDS))
    with pytest.raises(ValueError, match="has 3"):
        bands(b"abc")


@given(st.integers(0, 10_000))
def test_similarity_follows_the_share_of_common_word_pairs(seed: int) -> None:
    random = Random(seed)
    one = [str(random.randrange(10_000)) for _ in range(300)]
    other = one[:200] + [str(random.randrange(10_000)) for _ in range(100)]
    assert similarity(signature(one), signature(one)) == 1.0
    # 199 common pairs of 399: .5, with a standard error of .044.
    assert 0.27 < similarity(signature(one), signature(other)) < 0.73
    assert similarity(signature(one), signature(other)) == similarity(signature(other), signature(one))
