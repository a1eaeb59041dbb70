"""Whatever a mail server does, nothing is lost."""

import os

from tests.outbox.proof_mail import mood, run

MAILS = 5000 if os.environ.get("UNDERSIGNED_PROOF") == "1" else 120


def test_a_server_that_does_everything_wrong_loses_nothing_and_copies_only_what_it_never_answered() -> None:
    found = run(MAILS)
    wrong = ("lost", "given_up_wrongly", "refused_asked_again", "other_ids", "tries_in_outage", "left_in_outage")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert found["arrived"] == MAILS - sum(mood(number).startswith("55") for number in range(MAILS))
    assert found["copies"] == {"drops-after": sum(mood(number) == "drops-after" for number in range(MAILS))}
    assert isinstance(found["knocks_in_outage"], int)
    assert 240 <= found["knocks_in_outage"] <= 400  # every 8 to 12 minutes, after a quick beginning
