"""Every page of the site, opened one after another in each language and looked at from all sides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize

PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=800)
_RECORD = """document.addEventListener("securitypolicyviolation", (event) => {
  (window.__refused ||= []).push(`${event.violatedDirective} ${event.blockedURI}`);
});"""
_AXE = """() => axe.run({resultTypes: ["violations"]})
  .then((found) => found.violations.map((one) => [one.id, one.nodes.map((node) => node.target.join(" "))]))"""
_ON_A_PHONE = """() => {
  const small = [];
  for (const one of document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, a.button")) {
    if (one.closest("[aria-hidden=true]") || !one.checkVisibility({visibilityProperty: true})) continue;
    const boxes = [one, one.closest("label")].filter(Boolean).map((each) => each.getBoundingClientRect());
    const [width, height] = ["width", "height"].map((side) => Math.max(...boxes.map((box) => box[side])));
    if (width < 24 || height < 24) small.push(`${one.tagName.toLowerCase()} ${one.name || one.className || one.textContent} ${width} x ${height}`);
  }
  const edge = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > 360.5 && !one.closest(".scroll, pre, .skip, .trap"));
  return {
    width: document.documentElement.scrollWidth,
    widest: edge.slice(0, 3).map((one) => `${one.tagName.toLowerCase()}.${one.className}`),
    small,
  };
}"""


@dataclass
class Findings:
    """What is wrong, each with its page: empty lists are good news."""

    pages: list[str] = field(default_factory=list)
    inaccessible: dict[str, list[str]] = field(default_factory=dict)
    sideways: list[str] = field(default_factory=list)
    small_targets: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)


@dataclass
class Tour:
    """One browser on its way through the pages of one site."""

    base: str
    page: Page
    findings: Findings
    heard: list[ConsoleMessage] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def hear(self, message: ConsoleMessage) -> None:
        self.heard.append(message)

    def overhear(self, request: Request) -> None:
        self.asked.add(urlsplit(request.url).netloc)

    def visit(self, name: str, arrive: Callable[[Page], object], expected: int = 200, past: str = "") -> None:
        """Come to a page and look at it; `past` is another site on the way there."""
        self.heard.clear()
        self.asked.clear()
        self.page.set_viewport_size(DESK)
        self.page.emulate_media(color_scheme="light")
        arrive(self.page)
        self.page.wait_for_load_state()
        self.findings.pages.append(name)
        self._listen(name, expected)
        self.findings.strangers += sorted(f"{name}: {host}" for host in self.asked - {urlsplit(self.base).netloc, past})
        self.page.evaluate(AXE_SCRIPT)
        self._inspect(f"{name}, light")
        self.page.set_viewport_size(PHONE)
        self.page.emulate_media(color_scheme="dark")
        self._inspect(f"{name}, dark, on a phone")
        self._measure(name)

    def _listen(self, name: str, expected: int) -> None:
        """Console errors and refusals by the page's own policy; the browser's remark on an expected status is none."""
        remark = f"Failed to load resource: the server responded with a status of {expected}"
        for message in self.heard:
            own = message.text.startswith(remark) and message.location["url"].split("#")[0] == self.page.url.split("#")[0]
            if message.type in {"error", "warning"} and not own:
                self.findings.complaints.append(f"{name}: {message.text}")
        self.findings.complaints += [f"{name}: refused {one}" for one in self.page.evaluate("window.__refused || []")]

    def _measure(self, name: str) -> None:
        found: dict[str, Any] = self.page.evaluate(_ON_A_PHONE)
        if found["width"] > PHONE["width"]:
            self.findings.sideways.append(f"{name}: {found['width']} px, {found['widest']}")
        self.findings.small_targets += [f"{name}: {one}" for one in found["small"]]

    def _inspect(self, name: str) -> None:
        for rule, targets in self.page.evaluate(_AXE):
            for target in targets:
                self.findings.inaccessible.setdefault(f"{rule} at {target}", []).append(name)


@contextmanager
def touring(chromium: Browser, base: str, findings: Findings) -> Iterator[Tour]:
    """A fresh browser that listens to its console and to every request."""
    context: BrowserContext = chromium.new_context(viewport=DESK)
    context.set_default_timeout(10_000)
    context.add_init_script(_RECORD)
    tour = Tour(base, context.new_page(), findings)
    context.on("console", tour.hear)
    context.on("request", tour.overhear)
    yield tour
    context.close()
