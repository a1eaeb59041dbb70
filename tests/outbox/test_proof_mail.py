"""Whatever a mail server does, nothing is lost."""

from tests.outbox.proof_mail import EXPECTED, mood, run
from tests.proof.figures import failed

MAILS = 120


def test_a_server_that_does_everything_wrong_loses_nothing_and_copies_only_what_it_never_answered() -> None:
    found = run(MAILS)
    assert failed(found, EXPECTED) == {}
    assert found["arrived"] == MAILS - sum(mood(number).startswith("55") for number in range(MAILS))
    assert found["copies"] == {"drops-after": sum(mood(number) == "drops-after" for number in range(MAILS))}
    assert isinstance(found["knocks_in_outage"], int)
    assert 240 <= found["knocks_in_outage"] <= 400  # every 8 to 12 minutes, after a quick beginning
