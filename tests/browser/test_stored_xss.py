"""Every text of articles, events, sources, alerts and what became of them is an attack: in a real browser none runs,
on any page, even without the policy that would hold it back.

`--full` opens the pages of every payload by itself, and shows that each one does run where nothing is escaped; the short
form does so for a few, and opens all of them on pages of many.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, Route

from services.alerter.delivery.parcel import parcel_of
from services.alerter.delivery.wording import Wording
from services.dashboard.app import API, PAGES, create_app
from services.dashboard.context import Context
from services.dashboard.searching import FILTERS
from shared.contracts.deliveries import Delivery
from shared.contracts.messages import Alert
from shared.feeds import article_item, delivery_item
from tests.browser.payloads import CANARY, CONTEXTS, FAMILIES, IMAGE, PAYLOADS, TELLING
from tests.browser.poison import WORD, Poison, poisoned, send, spread
from tests.browser.trap import Trap, trap
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import dashboard, serving

POISONS = [Poison(number, payload) for number, payload in enumerate(PAYLOADS)]
FEW = [poison for poison in POISONS if poison.payload in TELLING]
ROUTES = sorted(
    {route.path for part in (*PAGES, *API) for route in part.router.routes if "GET" in route.methods}
)
# An answer without an end.
STREAM = "/api/v1/stream"
# Where nothing of a stranger is to be seen.
QUIET = ("/health/", "/metrics", "/login", "/api/docs", "/api/v1/status", "/api/v1/alliances", "/alliances")
# And what says nothing unless it is asked.
UNASKED = ("/alerts/new", "/alerts/estimate", "/journey", "/api/v1/journey", "/api/v1/deliveries")
LISTS = (f"/?q={WORD}", "/?unit=event", "/events", "/alerts")
FEEDS = ("atom", "rss", "json")
# Timers of pages that keep themselves fresh: nobody waits for them here.
SOON = "((later) => { window.setTimeout = (call, ms) => later(call, Math.min(ms, 50)) })(window.setTimeout)"


@dataclass(frozen=True)
class Served:
    """The dashboard over all this, and where it is."""

    base: str
    context: Context


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dashboard whose every stored text is an attack."""
    articles = [article for poison in POISONS for article in poison.articles()]
    with dashboard(tmp_path_factory.mktemp("xss"), shipped_taxonomy(), articles) as empty:
        context = spread(empty, POISONS)
        with serving(context, create_app(context)) as base:
            yield Served(base, context)


def common() -> Iterator[str]:
    """Every address without an id in it, and searches."""
    yield from (path for path in ROUTES if "{" not in path and path != STREAM)
    for query in (WORD, "pwned", "pwned OR svg OR img OR javascript"):
        asked = urlencode({"q": query})
        yield from (f"/?{asked}", f"/?{asked}&unit=event", f"/?{asked}&sort=date", f"/alerts/new?{asked}")
        yield from (f"/feeds/search.{kind}?{asked}" for kind in FEEDS)
        yield from (f"/api/v1/search?{asked}&limit=100", f"/alerts/estimate?query={quote(query)}&per=article")
    yield from (f"/sources?health={health}" for health in ("ok", "failing", "quarantined", "new", "disabled"))


def of_one(poison: Poison) -> Iterator[str]:
    """Every address with an id in it, and those that say again what they are asked."""
    for path in ROUTES:
        if "{" in path:
            yield from filled(path, poison)
    p, ids, said = poison.payload, poison.ids, quote(poison.payload, safe="")
    yield from (f"/articles/gone{poison.number}", f"/articles/{poison.url}", f"/articles/{said}")
    for url in (p, poison.url, f"source:{ids['sources']}"):
        yield f"/journey?{urlencode({'url': url})}"
    yield f"/?{urlencode({'q': p, **dict.fromkeys(FILTERS, p)})}"
    yield f"/?{urlencode({name: p for name in FILTERS if name != 'on'})}"
    yield f"/?{urlencode({'source': p})}"
    yield f"/events/{ids['events']}?{urlencode({'lang': p, 'source': p})}"
    yield f"/events?{urlencode({'alliance': p, 'type': p, 'month': p})}"
    yield from (f"/{page}?find={said}" for page in ("alerts", "sources"))
    yield from (f"/alerts/new?q={said}", f"/alerts/estimate?query={said}", f"/login?next={said}")
    yield from (f"/nowhere/{said}", f"/api/v1/nowhere/{said}", f"/feeds/search.atom?q={said}")
    yield f"/api/v1/deliveries?subscription={ids['alerts']}"


def filled(path: str, poison: Poison) -> Iterator[str]:
    """The addresses that a route makes of what is there."""
    if "{kind}" in path:
        yield from (path.format(kind=kind, token=poison.token) for kind in FEEDS)
        return
    before, _, rest = path.partition("{")
    collection = before.rstrip("/").rpartition("/")[2]
    assert collection in poison.ids, f"{path}: say in Poison.ids what stands there"
    yield f"{before}{quote(poison.ids[collection], safe='')}{rest.partition('}')[2]}"


def opened(page: Trap, addresses: Iterable[str]) -> list[str]:
    """Open them all; what went wrong, each with its address."""
    wrong: list[str] = []
    for address in addresses:
        wrong += [f"{address}: {what}" for what in page.open(address)]
        if page.status >= 500:
            wrong.append(f"{address}: answers {page.status}")
        # What is shown by nobody (a download), or refuses the question without saying it again.
        dumb = not page.kind or (page.status in (400, 422) and "json" in page.kind)
        quiet = dumb or address.startswith(QUIET) or address in UNASKED
        if not quiet and "pwned" not in page.text:
            wrong.append(f"{address}: shows nothing of it: {page.status} {page.text[:500]}")
    return wrong


def opened_to_the_end(page: Trap, address: str) -> list[str]:
    """Open a list, page by page."""
    wrong, further = opened(page, [address]), page.page.locator("a[rel=next]")
    while further.count():
        wrong += opened(page, [(further.get_attribute("href") or "").partition("#")[0]])
    return wrong


@pytest.mark.slow
def test_nothing_runs_on_pages_of_many(served: Served, browser: Browser) -> None:
    for policy in (True, False):
        with trap(browser, served.base, policy=policy) as page:
            assert "\n".join(opened(page, common())) == ""


@pytest.mark.slow
@pytest.mark.parametrize("address", LISTS)
def test_nothing_runs_on_lists_however_long(served: Served, browser: Browser, address: str) -> None:
    with trap(browser, served.base, policy=False) as page:
        assert "\n".join(opened_to_the_end(page, address)) == ""


@pytest.mark.slow
def test_nothing_runs_on_pages_of_one(served: Served, browser: Browser, full: bool) -> None:
    for policy, poisons in ((False, POISONS if full else FEW), (True, FEW if full else FEW[:1])):
        with trap(browser, served.base, policy=policy) as page:
            wrong = opened(page, (address for poison in poisons for address in of_one(poison)))
            assert "\n".join(wrong) == ""


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/ops", "/sources", "/sources/src{}", "/alerts/s{}"])
def test_nothing_runs_in_pieces_that_are_put_into_pages(
    served: Served, browser: Browser, address: str
) -> None:
    with trap(browser, served.base, policy=False) as page:
        page.page.add_init_script(SOON)
        for each in dict.fromkeys(address.format(poison.number) for poison in FEW):
            assert page.open(each) == []
            page.page.evaluate("document.querySelector('[data-fresh] *').dataset.old = 'yes'")
            page.page.wait_for_function("!document.querySelector('[data-fresh] [data-old]')")
            assert page.look() == []
            assert "pwned" in page.page.inner_text("[data-fresh]")


def test_nothing_runs_in_what_a_query_would_have_told(served: Served, browser: Browser) -> None:
    with trap(browser, served.base, policy=False) as page:
        page.page.add_init_script(SOON)
        assert page.open("/alerts/new") == []
        for query in (WORD, "pwned", *TELLING):
            with page.page.expect_response("**/alerts/estimate?**"):
                page.page.fill("#query", query)
            page.page.wait_for_selector("#estimate:not([aria-busy])")
            assert page.look() == []
            assert page.page.inner_text("#estimate h2") != ""


def test_nothing_runs_when_articles_pass(served: Served, browser: Browser) -> None:
    with trap(browser, served.base, policy=False) as page:
        page.page.add_init_script(SOON)
        with page.page.expect_response(f"**{STREAM}?**"):
            page.open(f"/?q={WORD}")
        send(served.context, *(poison.update() for poison in POISONS))
        page.page.wait_for_selector("[data-stream]:not([hidden])")
        assert page.look() == []


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/sources/src{}", "/alerts/s{}", "/sources?{}", "/alerts/new?q=x{}"])
def test_nothing_runs_in_forms_that_come_back(served: Served, browser: Browser, address: str) -> None:
    with trap(browser, served.base, policy=False) as page:
        for poison in FEW:
            page.open(address.format(poison.number))
            fields = page.page.locator("form.desk-form :is(input:not([type]), input[type=text], textarea)")
            for field in fields.all():
                field.evaluate("(field, value) => { field.value = value }", poison.payload)
            with page.page.expect_navigation():
                page.page.locator("form.desk-form").evaluate("(form) => form.submit()")
            assert page.look() == []
            assert "pwned" in page.text


@pytest.mark.parametrize(
    "address", ["/", "/ops", "/articles/x1", "/nowhere", "/api/docs", "/feeds/search.json"]
)
def test_the_policy_holds_back_what_would_get_into_a_page(
    served: Served, browser: Browser, address: str
) -> None:
    with trap(browser, served.base) as page:
        page.open(address)
        for payload in (IMAGE, f"<iframe src='data:text/html,{IMAGE}'>", f"<img src={CANARY}pwned>"):
            with page.page.expect_console_message(lambda said: "Content Security Policy" in said.text):
                page.page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", payload)
        caught = page.look()
        assert any("Content Security Policy" in what for what in caught), caught
        assert not any(what.startswith(("ran", "asked")) for what in caught), caught


@pytest.mark.slow
def test_nothing_runs_in_what_readers_of_feeds_and_mails_show(browser: Browser) -> None:
    wording = Wording("https://wire.example")
    with trap(browser, "http://wire.invalid", policy=False) as page:
        for poison in POISONS:
            alert = poisoned(Alert, poison.payload, article=next(poison.articles()))
            shown = (
                wording.html(parcel_of(alert)),
                article_item(alert.article).html,
                delivery_item(poisoned(Delivery, poison.payload)).html,
            )
            for html in shown:
                assert page.show(html) == [], poison.payload
                assert "pwned" in page.text


@pytest.mark.slow
def test_each_of_these_does_run_where_nothing_is_escaped(browser: Browser, full: bool) -> None:
    with trap(browser, "http://trap.invalid", policy=False) as page:
        shown = {"html": ""}

        def answer(route: Route) -> None:
            route.fulfill(body=shown["html"], content_type="text/html; charset=utf-8")

        page.page.context.route(f"{page.base}/", answer)
        page.page.context.route(f"{page.base}/?*", lambda route: route.fulfill(status=404))

        def caught(html: str) -> list[str]:
            shown["html"] = f"<!doctype html>{html}"
            return page.open("/")

        usual = {name: len(caught(context("word"))) for name, context in CONTEXTS.items()}
        for payload in PAYLOADS if full else TELLING:
            page.renew()
            if payload in FAMILIES["templates"]:
                run = Environment(autoescape=False).from_string(payload).render()
                assert "a template was run" in caught(run), payload
            else:
                runs = (len(caught(context(payload))) > usual[name] for name, context in CONTEXTS.items())
                assert any(runs), payload
