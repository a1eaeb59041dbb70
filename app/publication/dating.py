"""Since when each statement has been as it is: for `Last-Modified`, and for readers who ask by it (RFC 9110, 8.8.2 and 13.1.3)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_SETTLED = timedelta(seconds=2)
"""How much later than seen a state is dated: dates have whole seconds, and by then every node has seen it, so no two states share one."""
_FORMS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


@dataclass(frozen=True)
class Since:
    """From which moment on everybody was given this state."""

    state: bytes
    moment: datetime
    header: tuple[bytes, bytes]

    def covers(self, asked: bytes, now: datetime) -> bool:
        """Whether a reader who has what stood at the date `asked` has it still; never for what is no date, or a date to come."""
        theirs = http_date(asked.decode("latin-1"))
        return theirs is not None and self.moment <= theirs <= now


class Dates:
    """The states as one node sees them. It dates them from its own start at the earliest: what pages look like may have changed with that."""

    def __init__(self) -> None:
        self._seen: dict[str, Since] = {}
        self._given: dict[str, Since] = {}

    def saw(self, states: Mapping[str, bytes], now: datetime) -> None:
        """Note who moved on; a date is given once it is past."""
        known = self._seen
        self._seen = {slug: one if (one := known.get(slug)) and one.state == state else _since(state, now) for slug, state in states.items()}
        self._given = {slug: one for slug, one in self._seen.items() if one.moment <= now}

    def of(self, slug: str, state: bytes) -> Since | None:
        """Since when a statement is in this state; None while that is too short."""
        found = self._given.get(slug)
        return found if found is not None and found.state == state else None


def _since(state: bytes, now: datetime) -> Since:
    moment = now.replace(microsecond=0) + _SETTLED
    return Since(state, moment, (b"last-modified", format_datetime(moment, usegmt=True).encode()))


def http_date(text: str) -> datetime | None:
    """A date in one of the three forms of RFC 9110, 5.6.7; None for anything else."""
    for form in _FORMS:
        with suppress(ValueError):
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
    return None
