"""Addresses: what is the same page gets one normal form, what is another page keeps its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import article_id, is_item_address, item_address, normalise, same_site

SAME = [
    ("HTTP://Example.COM:80/News/", "http://example.com/News/"),
    ("https://example.com:443", "https://example.com/"),
    ("https://example.com/a#part", "https://example.com/a"),
    ("https://example.com/a?b=2&a=1", "https://example.com/a?a=1&b=2"),
    ("https://example.com/a?utm_source=feed&id=7&fbclid=x", "https://example.com/a?id=7"),
    ("https://example.com/a%7eb", "https://example.com/a~b"),
    ("  https://example.com/a ", "https://example.com/a"),
    ("https://user:secret@example.com/a", "https://example.com/a"),
    ("https://example.com./a", "https://example.com/a"),
    ("https://例え.jp/文化", "https://xn--r8jz45g.jp/%E6%96%87%E5%8C%96"),
    ("file:///press/one.txt#top", "file:///press/one.txt"),
]
DIFFERENT = [
    ("https://example.com/a", "https://example.com/A"),
    ("https://example.com/a", "https://example.com/a/"),
    ("https://example.com/?id=1", "https://example.com/?id=2"),
    ("http://example.com/", "https://example.com/"),
    ("https://example.com:8443/", "https://example.com/"),
    ("https://www.example.com/", "https://example.com/"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_differs_only_in_writing_becomes_equal(one: str, other: str) -> None:
    assert normalise(one) == normalise(other) == other


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert article_id(normalise(one)) != article_id(normalise(other))


@pytest.mark.parametrize(
    "wrong", ["", "news", "/a/b", "http://", "https://:80/", "https://example.com:99999/", "://x"]
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalise(wrong)


hosts = st.sampled_from(["example.com", "WWW.Example.org", "news.example.co.uk", "例え.jp", "127.0.0.1:8080"])
paths = st.text(alphabet="aZ09-._~%/ äß文نا+;,@", max_size=20)
queries = st.lists(
    st.tuples(st.sampled_from(["a", "b", "utm_source", "id"]), st.text(max_size=5)), max_size=4
)


@given(st.sampled_from(["http", "HTTPS"]), hosts, paths, queries)
def test_the_normal_form_is_its_own_normal_form(
    scheme: str, host: str, path: str, query: list[tuple[str, str]]
) -> None:
    from urllib.parse import urlencode

    once = normalise(f"{scheme}://{host}/{path}?{urlencode(query, errors='replace')}")
    assert normalise(once) == once
    assert "utm_source" not in once or "utm_source" in path


@given(st.text(max_size=60))
def test_any_string_is_an_address_or_refused(text: str) -> None:
    try:
        once = normalise(text)
    except ValueError:
        return
    assert normalise(once) == once
    assert len(article_id(once)) == 16


def test_one_of_several_texts_is_told_by_its_address() -> None:
    page = normalise("https://desk.example/news?id=7#top")
    assert not is_item_address(page)
    assert is_item_address(item_address(page, 12))
    assert not is_item_address('file:///feed.xml?{"entry":"tag:desk#4"}')


def test_one_site_is_one_registrable_domain() -> None:
    assert same_site("https://m.example.co.uk/x", "https://www.example.co.uk/y")
    assert not same_site("https://one.co.uk/", "https://two.co.uk/")
    assert same_site("http://127.0.0.1:1/", "http://127.0.0.1:2/")
    assert not same_site("file:///a", "file:///b")
