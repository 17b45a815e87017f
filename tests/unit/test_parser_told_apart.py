"""Pages that hold no article are told apart, each in words, and articles that look like them are not."""

from urllib.parse import urlsplit

import pytest

from services.parser.read import read_document
from services.parser.refusals import NotAnArticle, Walled
from services.parser.told_apart.rules import Rule, rules
from shared.contracts.messages import FeedEntry
from tests.sample_press import AT, LATER, ask, documents, press
from tests.unit.parser_pages import PARAGRAPHS, SUBJECTS, URL, article, listing, page, read, teaser

EXAMPLES = [(r, e) for r in rules().rules for e in r.examples]
COUNTER_EXAMPLES = [(r, e) for r in rules().rules for e in r.counter_examples]
TEASER = "It had lain there unseen since the house was built, says the town's archaeologist, and nobody knew of it."


@pytest.mark.parametrize(("rule", "said"), EXAMPLES, ids=[f"{r.kind}-{e[:40]}" for r, e in EXAMPLES])
def test_every_rule_holds_for_its_examples(rule: Rule, said: str) -> None:
    assert rule.kind in rules().matching(rule.where, [said])


@pytest.mark.parametrize(
    ("rule", "said"), COUNTER_EXAMPLES, ids=[f"{r.kind}-{e[:40]}" for r, e in COUNTER_EXAMPLES]
)
def test_no_rule_holds_for_a_counter_example(rule: Rule, said: str) -> None:
    assert rules().matching(rule.where, [said]) == {}


def why(body: str, url: str = URL, entry: FeedEntry | None = None) -> str:
    with pytest.raises(NotAnArticle) as e:
        read(body, url, entry=entry)
    return str(e.value)


CHALLENGE = """<!doctype html><html><head><title>Just a moment...</title><script src='/c.js'></script></head><body>
<div class='main'><h1>museum.example</h1><p>Verifying you are human. This may take a few seconds.</p>
<p>museum.example needs to review the security of your connection before proceeding.</p></div></body></html>"""
SHELL = """<!doctype html><html><head><title>Museum</title><script src='/app.js'></script></head><body>
<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div></body></html>"""
CONSENT = """<!doctype html><html><head><title>Before you continue</title></head><body><div class='consent'>
<h1>Before you continue to Town News</h1><p>We and our 214 partners use cookies and store information on your device
to show you content that suits you.</p><button>Accept all</button><button>Reject all</button></div></body></html>"""
LOGIN = page(
    "<h1>Sign in</h1><form action='/login'><label>E-mail</label><input type='email'><label>Password</label>"
    "<input type='password'><button>Sign in</button></form><p>No account yet? It takes a minute to make one.</p>",
    "Sign in - Town News",
)
STUB = page(
    f"<article><h1>Northern gate to be restored</h1><p>{PARAGRAPHS[0]}</p>"
    "<div class='offer'><p>To continue reading this article, please subscribe.</p><p>Already a subscriber? Log in</p></div>"
    "</article>",
    "Northern gate to be restored - Town News",
)
MISSING = page(
    "<h1>Page not found</h1><p>Sorry, the page you were looking for does not exist. Try the search, or go back to the "
    "front page, where you find the news of the day.</p><h2>Most read</h2>"
    + "".join(teaser(n) for n in range(4)),
    "Page not found - Town News",
)
PARKED = "<html><head><title>museum.example is for sale</title></head><body><h1>The domain museum.example is for sale.</h1><a href='/buy'>Buy this domain.</a></body></html>"
CALENDAR = page(
    "<h1>Events in May</h1><table><tr>"
    + "</tr><tr>".join("".join(f"<td>{d}</td>" for d in range(w, min(w + 7, 32))) for w in range(1, 32, 7))
    + "</tr></table>",
    "Events - Town News",
)
GALLERY = page(
    "<h1>The fair in pictures</h1>"
    + "".join(f"<figure><img src='/{n}.jpg'><figcaption>Photo {n}</figcaption></figure>" for n in range(12)),
    "The fair in pictures - Town News",
)
EMPTY_SEARCH = page("<h1>Search</h1><p>No results found for “aqueduct”.</p>", "Search - Town News")
FAILED = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>"
REFUSED = "<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1><p>You don't have permission to access this resource.</p></body></html>"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (CHALLENGE, "a check for robots"),
        (SHELL, "an empty page"),
        (CONSENT, "a consent notice"),
        (LOGIN, "a login page"),
        (STUB, "the rest is for subscribers"),
        (MISSING, "what was asked for is not there"),
        (PARKED, "a parked domain"),
        (CALENDAR, "a calendar"),
        (GALLERY, "a gallery of 12 pictures"),
        (EMPTY_SEARCH, "a search of the site"),
        (FAILED, "the server could not answer"),
        (REFUSED, "the server refuses"),
        (listing(), "a list of other pages: 8 titles"),
        (listing(9, TEASER), "a list of other pages: 9 titles"),
    ],
)
def test_what_is_no_article_is_told_in_words(body: str, words: str) -> None:
    said = why(body)
    assert said.startswith(URL)
    assert words in said


@pytest.mark.parametrize(
    ("title", "text", "lang"),
    [
        ("页面不存在 - 镇新闻网", "抱歉,您访问的页面不存在或已被删除。", "zh"),
        ("Página no encontrada | El Puerto", "Lo sentimos, la página que busca no existe.", "es"),
        ("Страница не найдена", "Запрашиваемая страница не найдена. Перейдите на главную.", "ru"),
        ("الصفحة غير موجودة", "عذرا، الصفحة التي تبحث عنها غير موجودة.", "ar"),
        ("404", "Здесь ничего нет.", "ru"),
        ("ページが見つかりません", "お探しのページは削除されたか、URLが変更されています。", "ja"),
    ],
)
def test_pages_that_are_not_there_are_told_in_many_languages(title: str, text: str, lang: str) -> None:
    assert "what was asked for is not there" in why(page(f"<h1>{title}</h1><p>{text}</p>", title, lang=lang))


def test_a_front_page_is_told_by_its_address() -> None:
    for url in ("https://town.example/", "https://town.example/index.html", "https://town.example/en/"):
        assert "the front page of a site: 10 titles" in why(listing(10, TEASER), url)


def test_linked_dates_and_authors_are_no_titles_of_their_own() -> None:
    entry = (
        "<article><header><h2><a href='/{n}'>{title}</a></h2><a href='/{n}'>{day} February 2026 by Ann Lee, culture</a>"
        "</header><p>{words} {title}.</p><a href='/{n}'>Continue reading</a></article>"
    )
    entries = (
        entry.format(n=n, day=n + 1, title=title, words=TEASER) for n, title in enumerate(SUBJECTS[:8])
    )
    assert "a list of other pages: 8 titles" in why(page("".join(entries), "Stories - Town News"))


def test_few_titles_make_a_list_where_the_address_says_so() -> None:
    text = " ".join(PARAGRAPHS)
    body = page("<h1>News</h1>" + "".join(teaser(n, f"{text} {SUBJECTS[n]}.") for n in range(5)))
    assert "a list of other pages" in why(body, "https://town.example/category/culture/")
    assert read(body, "https://town.example/2026/02/five-finds").text


LONG = tuple(f"On day {n} of the works: {p}" for n in range(8) for p in PARAGRAPHS)
RELATED = "<section><h2>More</h2>" + "".join(teaser(n) for n in range(10)) + "</section>"


@pytest.mark.parametrize(
    "body",
    [
        article(),
        article(RELATED),
        article(RELATED, PARAGRAPHS[:1]),
        article("<div class='modal'><p>Subscribe to continue reading</p></div>", LONG),
        article("<form><input type='password'></form><noscript>Please enable JavaScript.</noscript>"),
        article("".join(f"<img src='/{n}.jpg'>" for n in range(20))),
        article("<table>" + "".join(f"<tr><td>{d}</td></tr>" for d in range(1, 32)) + "</table>"),
        page(f"<h1>Page not found</h1>{''.join(f'<p>{p}</p>' for p in LONG)}", "Page not found"),
        page("".join(f"<h2>{s}</h2><p>{TEASER}</p>" for s in SUBJECTS), "Ten finds of the year"),
    ],
)
def test_an_article_is_one_whatever_else_stands_on_its_page(body: str) -> None:
    assert read(body).text


@pytest.mark.parametrize("body", [CHALLENGE, CONSENT, LOGIN, STUB, SHELL, REFUSED])
def test_the_feed_stands_in_for_a_page_that_is_not_shown(body: str) -> None:
    entry = FeedEntry(
        title="Northern gate to be restored", summary=f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>"
    )
    document = read(body, entry=entry)
    assert (document.title, document.text) == (entry.title, f"{PARAGRAPHS[0]}\n\n{PARAGRAPHS[1]}")
    assert document.removed[-1].reason == "stood in the page's place; the text is what the feed says"
    with pytest.raises(Walled):
        read(body, entry=FeedEntry(title="Northern gate to be restored", summary="Soon."))


def test_the_feed_does_not_stand_in_for_what_is_gone() -> None:
    why(MISSING, entry=FeedEntry(title="Gate", summary=" ".join(PARAGRAPHS)))


def test_a_plain_text_may_be_an_error_too() -> None:
    with pytest.raises(NotAnArticle, match="not there"):
        read("404 Not Found\n\nThe page you requested could not be found.", media_type="text/plain")


def test_a_piece_of_a_feed_is_never_judged_as_a_page() -> None:
    piece = f"<p>{PARAGRAPHS[0]}</p><p>Subscribe to continue reading</p>"
    assert PARAGRAPHS[0] in read(piece, entry=FeedEntry(title="Northern gate to be restored")).text


def test_every_article_of_the_sample_press_is_one() -> None:
    for document in documents():
        answer = ask(document.url, LATER)
        found = read_document(
            answer.body, media_type="text/html", charset=None, url=document.url, entry=None, fetched_at=LATER
        )
        assert found.text


def test_the_lists_of_the_sample_press_are_none() -> None:
    lists = 0
    articles = [urlsplit(AT.article(article)).path for article in press().articles.values()]
    for outlet in press().outlets.values():
        for language, words in outlet.words.items():
            sections = (AT.section(outlet, language, section) for section in words["nav"])
            for url in (AT.home(outlet, language), *sections):
                answer = ask(url, LATER)
                if answer.status == 200 and sum(a.encode() in answer.body for a in articles) >= 5:
                    lists += 1
                    with pytest.raises(NotAnArticle):
                        read(answer.body.decode(), url)
    assert lists == 2
