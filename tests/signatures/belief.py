"""What is believed of every signature: kept beside the database by whoever acts, and compared with it after every act."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.signatures.beside import LOCK, MAX_TRIES
from app.signatures.evidence import Evidence
from app.signatures.identity import canonical_address
from app.signatures.models import LIVING, STANDING, Kind, State, Visibility
from app.signatures.particulars import Correction, Particulars
from app.signatures.retention import rule
from tests.signatures.laws import listed
from tests.signatures.world import Letter, Sight

TURNED_AWAY = (State.REJECTED, State.REMOVED)


@dataclass
class Link:
    """A mailed link, the code beside it, the cookie of the browser it was sent for, and its lock."""

    letter: Letter
    made_at: datetime
    secret: str | None = None
    tries: int = 0
    locked_until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        """Whether too many wrong codes were typed."""
        return self.locked_until is not None and now < self.locked_until

    def takes(self, secret: str | None, code: str, now: datetime) -> bool:
        """Whether cookie or code opens it; a wrong code is counted."""
        if secret is not None and secret == self.secret:
            return True
        if self.locked(now) or len(code) != 6:
            return False
        self.tries = 0 if code == self.letter.code else self.tries + 1
        if self.tries == MAX_TRIES:
            self.tries, self.locked_until = 0, now + LOCK
        return code == self.letter.code


@dataclass
class Life:
    """One signature, as it is believed to stand; `words` is everything that names its person, `vouched` what an organisation said yes to."""

    id: UUID
    email: str
    kind: Kind
    visibility: Visibility
    state: State
    typed: Particulars | None
    created_at: datetime
    flags: str = ""
    words: set[str] = field(default_factory=set)
    founder: bool = False
    number: int | None = None
    wish: Correction | None = None
    parting: str | None = None
    address: bool = True
    index: bool = True
    mailed_at: datetime | None = None
    confirmed_at: datetime | None = None
    decided_at: datetime | None = None
    published_at: datetime | None = None
    links: list[Link] = field(default_factory=list)
    vouched: tuple[str, str] | None = None
    released: bool = False
    erased: bool = False

    @property
    def stands(self) -> bool:
        """Whether its signer may still change it."""
        return self.state in STANDING

    @property
    def lives(self) -> bool:
        """Whether it holds its address."""
        return self.state in LIVING

    @property
    def person(self) -> str:
        """Whose it is; "" for a founding signatory."""
        return canonical_address(self.email) if self.email else ""

    @property
    def names(self) -> tuple[str, str] | None:
        """The organisation it is for, and its website."""
        return (self.typed.organisation, self.typed.website) if self.typed else None

    @property
    def suspicious(self) -> bool:
        """Whether no policy approves it without a moderator."""
        return bool({"replay", "trap"} & set(self.flags.split()))

    def confirm(self, now: datetime, automatic: Set[Kind]) -> None:
        """The person said yes, which is enough for what a policy lets in by itself."""
        approved = self.kind in automatic and not self.suspicious
        self.state, self.confirmed_at, self.decided_at = (State.APPROVED, now, now) if approved else (State.CONFIRMED, now, None)

    def pending_link(self, link: Link, now: datetime) -> bool:
        """Whether a mailed link confirms it."""
        return self.state is State.PENDING and link.letter.expires_at is not None and link.letter.expires_at > now

    def move(self, state: State, decided_at: datetime | None) -> None:
        """A decision."""
        self.state, self.decided_at = state, decided_at

    def forget(self) -> None:
        """Nothing of the person is kept."""
        self.typed = self.wish = None
        self.address = self.index = False

    def keep_schedule(self, now: datetime, ended_at: datetime | None) -> None:
        """What the retention schedule erases."""
        alive = any(link.letter.expires_at and link.letter.expires_at > now for link in self.links)
        unconfirmed = self.state in {State.PENDING, State.SCREENED} and _over("unconfirmed", self.created_at, now) and not alive
        if unconfirmed or (self.state is State.CONFIRMED and _over("undecided", self.confirmed_at, now)):
            self.state, self.links = State.EXPIRED, []
            self.forget()
        self.address = self.address and not _over("address", self.decided_at, now)
        self.index = self.index and (self.founder or self.decided_at is None or not _over("index", ended_at, now))
        withheld = (self.state, self.visibility) == (State.PUBLISHED, Visibility.WITHHELD) and ended_at and self.published_at
        if withheld and _over("withheld", max(ended_at, self.published_at), now):  # type: ignore[type-var]
            self.typed = self.wish = None
        if self.state in TURNED_AWAY and _over("turned-away", self.decided_at, now):
            self.typed, self.wish, self.address, self.index = None, None, False, self.index and self.founder
        if _over("parting", self.decided_at, now):
            self.parting = None

    def is_as_seen(self, now: Sight) -> None:
        """The row is what is believed, and the list shows what was typed last."""
        row = now.signatures[self.id]
        for name in ("state", "kind", "visibility", "number", "confirmed_at", "decided_at", "published_at", "flags"):
            assert row[name] == getattr(self, name), f"{name}: {row[name]}, believed {getattr(self, name)}"
        held = {name: now.opened.get(("signature", self.id, name)) for name in ("particulars", "correction", "parting", "address")}
        assert held == {
            "particulars": self.typed and self.typed.dump(),
            "correction": self.wish and self.wish.dump(),
            "parting": self.parting.encode() if self.parting else None,
            "address": self.email.encode() if self.address and self.email else None,
        }
        assert ((row["address_index"] is not None), row["corrected_at"] is not None) == (self.index, self.wish is not None)
        if self.typed and self.kind is Kind.ORGANISATION and row["evidence"] is Evidence.CONFIRMED:
            assert self.vouched == self.names, "the word of one organisation stands for another"
        if listed(row) and self.typed:
            one = self.typed
            shown = [text or None for text in (one.name, one.role, one.organisation, one.website, one.country, one.language)]
            assert list(now.face[self.number or 0][:-1]) == [self.kind, *shown]


def _over(key: str, since: datetime | None, now: datetime) -> bool:
    return since is not None and since < now - (rule(key).after or timedelta())
