"""A moderator's day over a long list, and two moderators at the same signature."""

import re
import time
from collections import Counter
from statistics import median
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import Session, select

from app.clock import utcnow
from app.i18n import fold
from app.moderation.models import Decision
from app.rows import insert_all
from app.settings import get_settings
from app.signatures.identity import sounds
from app.signatures.models import Kind, Signature, State, Visibility
from app.signatures.retention import NOTICE_VERSION
from app.statements.models import Statement
from app.statements.queries import get, revision
from tests import cast
from tests.moderation.hands import confirmed
from tests.proof.figures import BAR, Figures, below, exactly
from tests.signatures.hands import posting, staff, together
from tests.site import Site

MEDIAN, SLOWEST, UNDECIDED = "median of a decision and the next card, ms", "95th percentile, ms", "signatures not decided"
DOUBLE, NOT_ONE, LOST = "double decisions", "races without one winner and one loser", "words of winners that were lost"
EXPECTED = {MEDIAN: below(50), UNDECIDED: exactly(0)}
RACES_EXPECTED = {DOUBLE: exactly(0), NOT_ONE: exactly(0), LOST: exactly(0)}
FIRST = ("Alena", "Maryna", "Ivan", "Jean", "Tamar", "Вольга", "Мікола", "Sofía", "Nguyễn", "Léa")


def crowd(session: Session, statement: Statement, count: int) -> None:
    """So many published people, written as the publisher would leave them."""
    now, text = utcnow(), revision(session, statement).id
    same = {"statement_id": statement.id, "revision_id": text, "state": State.PUBLISHED, "kind": Kind.INDIVIDUAL, "visibility": Visibility.PUBLIC}
    same |= {"page_language": "en", "consent_version": NOTICE_VERSION, "created_at": now, "confirmed_at": now, "decided_at": now, "published_at": now}
    for start in range(0, count, 5000):
        names = {number: f"{FIRST[number % 10]} Invented{number // 10}" for number in range(start, min(start + 5000, count))}
        rows = [
            {**same, "id": uuid4(), "number": number + 1_000, "name": name, "folded": fold(name), "sounds": sounds(name), "country": "BY"}
            for number, name in names.items()
        ]
        insert_all(session, Signature, rows)


def day(site: Site, listed: int, waiting: int) -> Figures:
    """One approval after the other over a long list: the answer to the key and the next card."""
    confirmed(site, waiting, kind="individual")
    with site.database.transaction() as session:
        crowd(session, get(session, cast.SLUG), listed)
        if not site.database.embedded:
            session.execute(sa.text("ANALYZE"))  # as PostgreSQL does by itself after a minute
    moderator, took = staff(site), []
    page = moderator.get("/console").text
    for _ in BAR.track(range(waiting), description="day"):
        path = re.search(r'action="([^"]+/approve)"', page)
        assert path
        began = time.perf_counter()
        answer = moderator.post(path[1])
        page = moderator.get(answer.headers["location"]).text
        took.append((time.perf_counter() - began) * 1000)
    left = sum(row.state is State.CONFIRMED for row in site.rows())
    return {MEDIAN: round(median(took), 1), SLOWEST: round(sorted(took)[len(took) * 95 // 100], 1), UNDECIDED: left}


def races(site: Site, races: int) -> Figures:
    """Two moderators decide about one signature at the same moment, one with words: one of them does."""
    found: Counter[str] = Counter({DOUBLE: 0, NOT_ONE: 0, LOST: 0})
    two = [staff(site), staff(site, email="other@site.example")]
    for window in (0, 10):
        get_settings().undo_seconds = window
        for number in BAR.track(confirmed(site, races // 2), description="races"):
            acts: tuple[tuple[str, dict[str, str]], ...] = (("approve", {}), ("reject", {"reason": f"words for {number}"}))
            sent = [posting(browser, f"/console/signatures/{number}/{act}", data) for browser, (act, data) in zip(two, acts, strict=True)]
            statuses = [answer.status_code for answer in together(site, sent)]
            with site.database.reading() as session:
                kept = session.exec(select(Decision).where(Decision.signature_id == number)).all()
            found.update({DOUBLE: len(kept) > 1, NOT_ONE: sorted(statuses) != [303, 409], LOST: statuses[1] == 303 and kept[0].words is None})
    get_settings().undo_seconds = 0
    return dict(found)
