"""What the tests of keys do: turn them, look at what is sealed."""

from sqlmodel import Session, col, select

from app.clock import utcnow
from app.keys.actions import leave_no_trace
from app.keys.models import StatementKeys
from app.keys.queries import keyring
from app.keys.rotation import Rotated, rotate
from app.statements.queries import get
from tests import cast
from tests.keys.proof_keys import Value, values
from tests.site import Site


def turn(site: Site, slug: str = cast.SLUG) -> Rotated:
    """Rotate the statement's keys."""
    with site.database.reading() as session:
        of = get(session, slug).id
    done = rotate(site.database, of, utcnow(), lambda *_: None)
    assert leave_no_trace(site.database)
    return done


def opened(site: Site, slug: str = cast.SLUG) -> dict[str, bytes]:
    """Everything that is sealed of a statement, opened, by its place."""
    with site.database.reading() as session:
        ring = keyring(session, get(session, slug).id)
        return {value.place: ring.open(value.sealed, value.place) for value in values(session, get(session, slug).id)}


def numbers(site: Site, slug: str = cast.SLUG) -> set[int]:
    """The numbers of the keys by which a statement's values are sealed."""
    with site.database.reading() as session:
        return {number(value) for value in values(session, get(session, slug).id)}


def number(value: Value | bytes) -> int:
    """Which key made a sealed value or an index."""
    return int.from_bytes((value.sealed if isinstance(value, Value) else value)[1:3], "big")


def keys(site: Site, slug: str = cast.SLUG) -> dict[int, bool]:
    """The keys a statement has, by number; whether the data key is among them."""
    with Session(site.database.engine) as session:
        rows = session.exec(select(StatementKeys).where(StatementKeys.statement_id == get(session, slug).id).order_by(col(StatementKeys.number)))
        return {row.number: row.data_key is not None for row in rows}
