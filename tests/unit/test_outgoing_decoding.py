"""Decompression: any split into pieces gives the same bytes, a bomb is never inflated, damage is told."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outgoing.decoding import PIECE, Undecodable, decoded
from tests.unit.text_samples import unhurried

MIB = 2**20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "none, utf-8": bytes,
    "gzip": gzip.compress,
    "X-GZip": gzip.compress,
    "deflate": zlib.compress,
    " Deflate ": raw_deflate,
    "gzip, deflate": lambda data: zlib.compress(gzip.compress(data)),
    "deflate, identity, gzip": lambda data: gzip.compress(raw_deflate(data)),
}


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def bomb(size: int) -> bytes:
    """`size` MiB of zeros, in gzip."""
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size)) + packer.flush()


@unhurried
@given(
    st.sampled_from(sorted(PACKED)),
    st.one_of(st.binary(max_size=300), st.integers(0, 3 * PIECE).map(bytes)),
    st.integers(1, 100),
)
def test_what_was_packed_comes_out(encoding: str, data: bytes, size: int) -> None:
    assert b"".join(decoded(pieces(PACKED[encoding](data), size), encoding, 4 * MIB)) == data


@pytest.mark.parametrize("encoding", sorted(PACKED))
def test_no_bytes_are_no_body(encoding: str) -> None:
    assert b"".join(decoded(iter([]), encoding, MIB)) == b""
    assert b"".join(decoded(iter([b""]), encoding, MIB)) == b""


@pytest.mark.parametrize("size", [PIECE, PIECE + 1, PIECE + 64, 2 * PIECE + 30])
def test_what_is_left_inside_when_a_piece_is_full_comes_out_too(size: int) -> None:
    for pack in (raw_deflate, zlib.compress):
        assert sum(len(piece) for piece in decoded(iter([pack(bytes(size))]), "deflate", MIB)) == size


def test_members_follow_one_another_and_what_is_none_is_left_out() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
    for size in (1, 7, 1000):
        assert b"".join(decoded(pieces(packed + b"\0\0 rubbish", size), "gzip", MIB)) == b"one two"
    assert b"".join(decoded(pieces(zlib.compress(b"one") + b"rubbish", 3), "deflate", MIB)) == b"one"


@pytest.mark.parametrize(
    ("encoding", "data", "words"),
    [
        ("br", b"x", "'br', which nobody asked for"),
        ("gzip, zstd", b"x", "'zstd'"),
        ("gzip, gzip, gzip", b"x", "3 times over"),
        ("gzip", b"<html>", "compressed wrongly"),
        ("gzip", gzip.compress(b"heritage" * 100, mtime=0)[:-9], "breaks off in the middle of its gzip"),
        ("gzip", gzip.compress(b"x", mtime=0)[:5], "breaks off"),
        ("gzip", gzip.compress(b"x", mtime=0) + gzip.compress(b"y", mtime=0)[:12], "breaks off"),
        ("gzip", gzip.compress(b"heritage", mtime=0)[:-8] + b"\0" * 8, "compressed wrongly"),
        ("deflate", zlib.compress(b"heritage" * 100)[:-5], "breaks off in the middle of its deflate"),
        ("deflate", b"\x78", "breaks off"),
        ("deflate", b"\xff\xff\xff", "compressed wrongly"),
    ],
)
def test_damage_is_told(encoding: str, data: bytes, words: str) -> None:
    for size in (1, 1000):
        with pytest.raises(Undecodable, match=words):
            b"".join(decoded(pieces(data, size), encoding, MIB))


@unhurried
@given(
    st.sampled_from(["gzip", "deflate", "gzip, deflate", "br", ""]),
    st.binary(max_size=200),
    st.integers(1, 50),
)
def test_any_bytes_are_read_or_refused(encoding: str, data: bytes, size: int) -> None:
    with suppress(Undecodable):
        b"".join(decoded(pieces(data, size), encoding, MIB))


def test_a_bomb_comes_out_in_small_pieces() -> None:
    packed = bomb(100)
    assert len(packed) < 200_000
    tracemalloc.start()
    try:
        sizes = [len(piece) for piece in decoded(pieces(packed, PIECE), "gzip", MIB)]
        assert tracemalloc.get_traced_memory()[1] < 2 * MIB
    finally:
        tracemalloc.stop()
    assert max(sizes) <= PIECE
    assert sum(sizes) == 100 * MIB


def test_a_bomb_within_a_bomb_is_cut_although_nothing_comes_out() -> None:
    # Empty gzip members without end: the inner layer grows, the outer gives not one byte.
    inner = gzip.compress(b"") * 300_000
    with pytest.raises(Undecodable, match="inflates without end"):
        b"".join(decoded(pieces(gzip.compress(inner), PIECE), "gzip, gzip", MIB))
