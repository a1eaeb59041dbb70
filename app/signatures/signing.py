"""Keep what many people typed, in one transaction: each signature with its mailed link and its mail, or none of the three."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col, select

from app.db import among, dialect, together
from app.errors import DomainError
from app.keys.queries import keyring
from app.outbox.actions import enqueue, enqueue_all, mail_row
from app.outbox.pace import PLAIN, PROVEN, lane_rate, paced
from app.rows import insert_all, insert_new, new_id
from app.sealing import Keyring
from app.signatures import queries
from app.signatures.admission import Admission
from app.signatures.beside import MailedLink, Muted, UsedChallenge
from app.signatures.forms import Signer, SignForm, Typed
from app.signatures.identity import name_language
from app.signatures.links import link_row
from app.signatures.models import LIVING_ROW, Kind, Signature, State, place
from app.signatures.particulars import Particulars
from app.signatures.retention import CONFIRM_WITHIN, NOTICE_VERSION
from app.statements.models import Revision, Statement
from app.tokens import hash_token

_QUIET = timedelta(hours=24)
# What every batch asks is built once: building costs more than asking.
_HELD = (
    select(Statement, Revision.id)
    .join(Revision, col(Revision.statement_id) == Statement.id)
    .where(Statement.id == sa.bindparam("statement"))
    .order_by(col(Revision.number).desc())
    .limit(1)
    .with_for_update(read=True, of=Statement)
)


@lru_cache
def _muted(dialect: str) -> Any:
    return select(Muted.mark).where(among(dialect, Muted.mark, "marks"))


@lru_cache
def _living(dialect: str) -> Any:
    """Who holds one of the `indexes` on the `statement`.

    PostgreSQL looks for each by itself: given an array, it reads every signature of the statement while it has no statistics.
    """
    columns = select(Signature.address_index, Signature.id, Signature.state, Signature.mailed_at)
    rows = columns.where(Signature.statement_id == sa.bindparam("statement"), LIVING_ROW)
    if dialect == "sqlite":
        return rows.where(among(dialect, Signature.address_index, "indexes"))
    wanted = sa.func.unnest(sa.bindparam("indexes", type_=ARRAY(sa.LargeBinary))).table_valued("value").render_derived()
    return sa.select(rows.where(Signature.address_index == wanted.c.value).limit(1).correlate(wanted).lateral()).select_from(wanted)


@dataclass(frozen=True)
class Post:
    """One valid form, as it waits to be written; `cookie_hash` belongs to the browser's cookie."""

    statement_id: UUID
    form: SignForm
    language: str
    cookie_hash: bytes
    admission: Admission


@dataclass(frozen=True)
class _Known:
    """The signature that holds an address already."""

    id: UUID
    state: State
    mailed_at: datetime | None


@dataclass(frozen=True)
class _Item:
    """A post with its blind indexes, and whether it brought a proof of work that nobody used before."""

    indexes: tuple[bytes, ...]
    post: Post
    proven: bool

    @property
    def index(self) -> bytes:
        """The one it is written with."""
        return self.indexes[0]

    @property
    def flags(self) -> str:
        """What the moderator reads."""
        replayed = self.post.admission.proof is not None and not self.proven
        return " ".join((*self.post.admission.flags, *(("replay",) if replayed else ())))

    @property
    def lane(self) -> str:
        """Which half of the mail it is for."""
        return PROVEN if self.proven else PLAIN


def sign_all(session: Session, posts: Sequence[Post], now: datetime) -> list[DomainError | None]:
    """Keep every post; in its place stands the refusal of one whose statement is not open any more."""
    refusals: list[DomainError | None] = [None] * len(posts)
    by_statement: dict[UUID, list[int]] = {}
    for number, post in enumerate(posts):
        by_statement.setdefault(post.statement_id, []).append(number)
    for statement_id in sorted(by_statement):
        statement, revision_id = _held(session, statement_id)
        try:
            statement.must_be_open(now)
        except DomainError as refusal:
            for number in by_statement[statement_id]:
                refusals[number] = refusal
        else:
            _Table(session, statement, revision_id, now).take([posts[number] for number in by_statement[statement_id]])
    return refusals


def _held(session: Session, statement_id: UUID) -> tuple[Statement, UUID]:
    """The statement and its latest revision, held until the commit: who throws the switch that stops signing waits for this batch, and the next one sees it."""
    return session.exec(_HELD, params={"statement": statement_id}).one()


class _Table:
    """Where the posts of one statement are written down, in this transaction."""

    def __init__(self, session: Session, statement: Statement, revision_id: UUID, now: datetime) -> None:
        self.session, self.statement, self.revision_id, self.now = session, statement, revision_id, now
        self.ring, self.house = keyring(session, statement.id), keyring(session, None)
        self.links: list[dict[str, Any]] = []
        self.mails: list[dict[str, Any]] = []

    def take(self, posts: Sequence[Post]) -> None:
        """Write signatures, links and mails. The answer is the same for every address, known or not."""
        items = self._items(posts)
        known = self._known(items)
        fresh = [(self._row(item), item) for item in items if item.post.admission.screened or item.index not in known]
        made = insert_new(self.session, Signature, [row for row, _ in fresh], "id")
        wanted = [(row["id"], item) for row, item in fresh if row["id"] in made and not item.post.admission.screened]
        lanes = {lane: lane_rate(lane) for lane in (PROVEN, PLAIN)}
        for (key, item), due in zip(wanted, paced(self.session, [lanes[item.lane] for _, item in wanted], self.now), strict=True):
            self._ask(key, item, max(due, self.now + item.post.admission.wait))
        for item in items:
            if item.index in known and not item.post.admission.screened:
                self._again(known[item.index], item)
                known[item.index] = replace(known[item.index], mailed_at=self.now)
        with together(self.session):
            insert_all(self.session, MailedLink, self.links)
            enqueue_all(self.session, self.mails)

    def _items(self, posts: Sequence[Post]) -> list[_Item]:
        """Without those whose owner wants no more mail, in the order of the index: so two nodes never wait in a circle."""
        marks = [queries.muting_mark(self.house, self.statement.id, post.form.canonical) for post in posts]
        muted = set(self.session.connection().execute(_muted(dialect(self.session)), {"marks": marks}).scalars())
        unspent = self._spend(posts)
        items = []
        for mark, post in zip(marks, posts, strict=True):
            proof = post.admission.proof
            proven = proof is not None and proof.mark in unspent
            unspent.discard(proof.mark if proof else b"")
            if mark not in muted:
                items.append(_Item(self.ring.indexes(post.form.canonical), post, proven))
        return sorted(items, key=lambda item: item.index)

    def _spend(self, posts: Iterable[Post]) -> set[bytes]:
        """The marks of the proofs that were not spent before."""
        proofs = {post.admission.proof.mark: post.admission.proof for post in posts if post.admission.proof}
        rows = [{"mark": mark, "expires_at": proofs[mark].expires_at} for mark in sorted(proofs)]
        return insert_new(self.session, UsedChallenge, rows, "mark")

    def _known(self, items: Iterable[_Item]) -> dict[bytes, _Known]:
        """Who holds an address already, also by an older index, under the index of today."""
        today = {index: item.index for item in items for index in item.indexes}
        rows = self.session.connection().execute(_living(dialect(self.session)), {"statement": self.statement.id, "indexes": list(today)})
        return {today[index]: _Known(key, state, mailed_at) for index, key, state, mailed_at in rows}

    def _row(self, item: _Item) -> dict[str, Any]:
        key, post = new_id(), item.post
        return {
            "id": key,
            "statement_id": self.statement.id,
            "revision_id": self.revision_id,
            "state": State.SCREENED if post.admission.screened else State.PENDING,
            "page_language": post.language,
            "address_index": item.index,
            "address": self.ring.seal(post.form.email.encode(), place("address", key, self.statement.id)),
            "flags": item.flags,
            "cluster": post.admission.cluster,
            "mailed_at": self.now,
            "created_at": self.now,
            **written(self.ring, key, self.statement.id, post.form, post.language),
        }

    def _again(self, known: _Known, item: _Item) -> None:
        """Somebody typed an address that holds a signature: its owner is told, at most once a day."""
        if known.mailed_at is not None and self.now - known.mailed_at < _QUIET:
            return
        if known.state is State.PENDING:
            self._ask(known.id, item, self.now)
        else:
            row, token, code = link_row(self.house, known.id, hash_token(secrets.token_hex(32)), self.now, None)
            self.links.append(row)
            self._mail("already_signed", item, {"slug": self.statement.slug, "token": token, "code": code}, known.id)
        self.session.execute(sa.update(Signature).where(col(Signature.id) == known.id).values(mailed_at=self.now))

    def _ask(self, signature_id: UUID, item: _Item, due: datetime) -> None:
        row, token, code = link_row(self.house, signature_id, item.post.cookie_hash, self.now, due + CONFIRM_WITHIN)
        self.links.append(row)
        self._mail("confirm", item, {"token": token, "code": code}, signature_id, due, due + CONFIRM_WITHIN)

    def _mail(self, name: str, item: _Item, context: dict[str, str], about: UUID, due_at: datetime | None = None, expires_at: datetime | None = None) -> None:
        to, words = item.post.form.email, item.post.language
        self.mails.append(mail_row(self.ring, name, to, words, self.now, context, self.statement.id, expires_at, due_at, about, item.lane))


def ask_again(session: Session, statement: Statement, secret: str, now: datetime) -> None:
    """Another letter to the browser that signed and lost the first, at most twice in 24 hours; nothing for any other."""
    signature = queries.pending_of(session, statement.id, hash_token(secret))
    if signature is not None and queries.links_since(session, signature.id, now - _QUIET) <= 2:
        ask(session, signature, now, hash_token(secret))


def ask(session: Session, signature: Signature, now: datetime, cookie_hash: bytes = b"") -> None:
    """Mail a fresh link that confirms a signature, for the browser with the cookie if one is given."""
    to = queries.address(session, signature)
    if to is None or queries.muted(session, signature.statement_id, to):
        return
    expires = now + CONFIRM_WITHIN
    row, token, code = link_row(keyring(session, None), signature.id, cookie_hash or hash_token(secrets.token_hex(32)), now, expires)
    session.add(MailedLink(**row))
    enqueue(session, "confirm", to, signature.page_language, now, {"token": token, "code": code}, signature.statement_id, expires, None, signature.id)


def particulars_of(form: Typed, page_language: str) -> Particulars:
    """What was typed, with the language of the name as far as it shows."""
    shown = form.organisation if form.kind is Kind.ORGANISATION else form.name
    return Particulars(form.name, form.role, form.organisation, form.website, form.country, form.mandate, name_language(shown, page_language))


def written(ring: Keyring, signature_id: UUID, statement_id: UUID, form: Signer, page_language: str) -> dict[str, Any]:
    """The columns that hold what was typed, sealed."""
    typed = particulars_of(form, page_language)
    return {
        "kind": form.kind,
        "visibility": form.visibility,
        "consent_version": NOTICE_VERSION,
        "particulars": ring.seal(typed.dump(), place("particulars", signature_id, statement_id)),
    }
