"""Links and proofs of work count once, however often and however many at once use them; and guessing finds no link."""

import random
import secrets
from collections import Counter
from collections.abc import Awaitable, Iterator
from itertools import chain, count, islice

import httpx

from app.clock import utcnow
from app.main import create_app
from app.outbox.pace import PROVEN
from app.signatures.models import State
from app.signatures.queries import by_token
from tests import cast
from tests.proof.crowd import network, solved
from tests.proof.figures import BAR, Figures, exactly
from tests.signatures.hands import PENDING, SAME_ORIGIN, SIGN, Link, mails, sign_many, together
from tests.site import ORIGIN, Site

AT_ONCE = 50
TWICE, OTHER, UNCONFIRMED = "links confirmed not exactly once", "other answers than confirmed or over", "signatures not confirmed"
GUESSED, PAGES = "tokens guessed", "guesses that got a page other than the calm 404"
REPLAYED, UNMARKED = "posts beyond the first that passed with its proof of work", "replays the moderator is not told of"
EXPECTED = dict.fromkeys((TWICE, OTHER, UNCONFIRMED, GUESSED, PAGES, REPLAYED, UNMARKED), exactly(0))


class Nodes:
    """Two applications on the site's database, between which requests alternate; each request comes from a network of its own."""

    def __init__(self, site: Site) -> None:
        self.site, self._number = site, count()
        self._clients = [httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) for app in (site.app, create_app(site.database, jobs=False))]

    def get(self, path: str) -> Awaitable[httpx.Response]:
        number = next(self._number)
        return self._clients[number % 2].get(path, headers={"X-Forwarded-For": network(number)})

    def post(self, path: str, data: dict[str, str], **cookies: str) -> Awaitable[httpx.Response]:
        number = next(self._number)
        headers = {**SAME_ORIGIN, "X-Forwarded-For": network(number), "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        return self._clients[number % 2].post(path, data=data, headers=headers)

    def together(self, requests: Iterator[Awaitable[httpx.Response]]) -> list[httpx.Response]:
        return together(self.site, requests)


def run(site: Site, tokens: int, parallel: int, guesses: int, pages: int, replays: int) -> Figures:
    """Many confirm with one link at once, by cookie and by code, at two nodes; many post one proof of work; many guess."""
    site.publish()
    nodes = Nodes(site)
    links = sign_many(site, (cast.individual(email=f"person{number}@post-office.org") for number in range(tokens)))
    guessed = {GUESSED: _guess(site, guesses), PAGES: _guess_by_http(nodes, pages)}
    return {**guessed, **_confirm(site, nodes, links, parallel), **_replay(site, nodes, replays)}


def _confirm(site: Site, nodes: Nodes, links: list[Link], parallel: int) -> Figures:
    twice = other = 0
    for link in BAR.track(links, description="confirms: parallel"):
        ways = random.sample(("cookie", "code") * ((parallel + 1) // 2), parallel)
        requests = (
            nodes.post(link.path, {"act": "confirm"}, **{PENDING: link.secret})
            if way == "cookie"
            else nodes.post(link.path, {"act": "confirm", "code": link.code})
            for way in ways
        )
        answers = Counter(answer.status_code for answer in nodes.together(requests))
        twice += answers[200] != 1
        other += parallel - answers[200] - answers[404]
    confirmed = sum(row.state is State.CONFIRMED for row in site.rows())
    return {"confirmations asked for": len(links) * parallel, "confirmations": confirmed, TWICE: twice, OTHER: other, UNCONFIRMED: len(links) - confirmed}


def _guess(site: Site, guesses: int) -> int:
    with site.database.reading() as session:
        tokens = (secrets.token_urlsafe(32) for _ in range(guesses))
        return sum(by_token(session, token, utcnow()) is not None for token in BAR.track(tokens, guesses, description="confirms: guesses"))


def _guess_by_http(nodes: Nodes, pages: int) -> int:
    found = 0
    for _ in BAR.track(range(0, pages, AT_ONCE), description="confirms: guesses by HTTP"):
        paths = [f"/confirm/{secrets.token_urlsafe(32)}" for _ in range(AT_ONCE)]
        looked, pressed = (nodes.get(path) for path in paths[::2]), (nodes.post(path, {"act": "confirm", "code": "123456"}) for path in paths[1::2])
        found += sum(answer.status_code != 404 for answer in nodes.together(chain(looked, pressed)))
    return found


def _replay(site: Site, nodes: Nodes, replays: int) -> Figures:
    [issued] = nodes.together(iter([nodes.get(f"/statements/{cast.SLUG}/challenge")]))
    proof, before = solved(issued.json()), len(site.rows())
    posts = (nodes.post(SIGN, cast.individual(email=f"again{number}@post-office.org", proof=proof)) for number in range(replays + 1))
    for _ in BAR.track(range(0, replays + 1, AT_ONCE), description="confirms: replays"):
        assert {answer.status_code for answer in nodes.together(islice(posts, AT_ONCE))} == {303}
    marked = sum("replay" in row.marks() for row in site.rows()[before:])
    passed = sum(mail.lane == PROVEN for mail in mails(site, "confirm"))
    return {REPLAYED: passed - 1, UNMARKED: replays - marked}
