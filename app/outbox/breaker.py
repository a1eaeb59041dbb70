"""When to stop knocking at a mail server that does not serve."""

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from time import monotonic

PATIENCE = 3
_FIRST, _LONGEST = 30.0, 600.0


@dataclass
class Breaker:
    """Counts the failures of a server in a row; from the third on it asks for a pause of 30 s, doubled each time to 10 minutes, a fifth more or less.

    It lives in the process that sends, which is one in a usual installation; of several, each knocks and pauses for itself.
    """

    failures: int = 0
    trouble: str = ""
    """What the last failure was, as in `Mail.failure`; empty while all is well."""
    _until: float = 0.0

    @property
    def pause(self) -> timedelta:
        """How long to wait before the next try; zero to knock now."""
        return timedelta(seconds=max(0.0, self._until - monotonic()))

    def served(self) -> None:
        """The server answered, if only to refuse a mail."""
        self.failures, self.trouble, self._until = 0, "", 0.0

    def failed(self, trouble: str) -> None:
        """The server could not be reached, or broke off."""
        self.failures, self.trouble = self.failures + 1, trouble
        doublings = self.failures - PATIENCE
        if doublings >= 0:
            self._until = monotonic() + min(_FIRST * 2 ** min(doublings, 10), _LONGEST) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


@cache
def breaker(smtp_url: str) -> Breaker:
    """The one of a mail server."""
    return Breaker()
