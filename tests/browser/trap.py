"""A browser's page that notices whatever runs, loads or could do so that is not ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Route
from playwright.sync_api import Error as BrowserError

from tests.browser.payloads import PRODUCT

# What stands in a document that could run; see there.
ARMED = (Path(__file__).parent / "armed.js").read_text()


# What the browser wraps into a document of its own.
PLAIN = ("application/json", "application/problem+json", "application/feed+json", "text/plain")


@dataclass
class Trap:
    """A page. `caught` is what was noticed since the last `open`; `status` and `kind` are of the last answer."""

    page: Page
    base: str
    caught: list[str] = field(default_factory=list)
    status: int = 0
    kind: str = ""
    text: str = ""

    def open(self, path: str) -> list[str]:
        """Open one of our pages or documents; what is wrong with it."""
        self.caught.clear()
        self.status, self.kind, self.text = 0, "", ""
        try:
            answer = self.page.goto(self.base + path)
        except BrowserError as e:
            gone = "interrupted by another navigation" in str(e)
            if not gone and "Download is starting" not in str(e):
                raise
            self.renew()
            return [*self._all(), *([f"the page before went elsewhere: {e}"] if gone else ())]
        assert answer, path
        self.status, self.kind = answer.status, answer.headers.get("content-type", "")
        return self.look()

    def renew(self) -> None:
        """Go on in another page, for the one before may go on going elsewhere."""
        self.page.close()
        self.page = self.watched(self.page.context)

    def watched(self, context: BrowserContext) -> Page:
        """A new page whose noises are noticed."""
        page = context.new_page()
        page.on("console", self.says)
        page.on("dialog", self.asks_people)
        page.on("pageerror", lambda error: self.caught.append(f"a script broke: {error}"))
        return page

    def look(self) -> list[str]:
        """What is wrong with the page as it is now."""
        try:
            self.text = self.page.content()
            if PRODUCT in self.text:
                self.caught.append("a template was run")
            html = self.page.evaluate("document.contentType") == "text/html"
            ours = html and not self.kind.startswith(PLAIN)
            return [*self._all(), *(self.page.evaluate(ARMED) if ours else ())]
        except BrowserError as e:
            return [*self.caught, f"the page went away: {e}"]

    def show(self, html: str) -> list[str]:
        """What is wrong with a document that others will show, such as a mail. It may have styles, of ours."""
        self.caught.clear()
        self.kind = "text/html"
        self.page.goto("about:blank")
        self.page.set_content(html)
        return [what for what in self.look() if not what.startswith("attribute style:")]

    def _all(self) -> list[str]:
        # An event that is due (`onerror`, `ontoggle`) comes before this is answered.
        self.page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
        return list(self.caught)

    def ran(self, *said: object) -> None:
        """Called by payloads."""
        self.caught.append(f"ran: {said}")

    def asks(self, route: Route) -> None:
        """A request to anywhere but us: it never leaves."""
        self.caught.append(f"asked for {route.request.url}")
        route.abort()

    def says(self, message: ConsoleMessage) -> None:
        """A refused script is one that was there."""
        if "Content Security Policy" in message.text:
            self.caught.append(message.text)

    def asks_people(self, dialog: Dialog) -> None:
        """Nothing of ours opens one."""
        self.caught.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def trap(browser: Browser, base: str, *, policy: bool = True) -> Iterator[Trap]:
    """A page in a fresh profile. Without `policy` our Content-Security-Policy holds nothing back."""
    context = browser.new_context(bypass_csp=not policy)
    made = Trap(context.new_page(), base)
    made.renew()
    context.expose_function("pwned", made.ran)
    context.route(lambda url: not url.startswith(base), made.asks)
    try:
        yield made
    finally:
        context.close()
