"""One person's address typed again and again, in all its spellings, from all over the world."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from tests import cast
from tests.proof.crowd import network
from tests.proof.figures import BAR, Figures, exactly
from tests.signatures.hands import SIGN, mails, posting, together
from tests.site import Site

AT_ONCE = 50
NAME = "vasilisa.ahviara.vydumanaja"
MAILS, REFUSED, ROWS = "mails to the victim", "posts that were not answered like the first post of a stranger", "signatures with the address"
EXPECTED = {MAILS: exactly(1), ROWS: exactly(1), REFUSED: exactly(0)}


def spellings() -> Iterator[str]:
    """Ever new ways to write one mailbox at a provider to whom dots and tags are nothing."""
    chance, letters, seen = random.Random(7), NAME.replace(".", ""), set[str]()
    while True:
        local = "".join(letter + "." * (chance.random() < 0.2) for letter in letters[:-1]) + letters[-1]
        tag = chance.choice(("", "+news", f"+{chance.randrange(10**6)}"))
        spelled = "".join(chance.choice((letter, letter.upper())) for letter in f"{local}{tag}@{chance.choice(('gmail', 'googlemail'))}.com")
        if spelled not in seen:
            seen.add(spelled)
            yield spelled


def run(site: Site, posts: int) -> Figures:
    """Every spelling of one address, each from another network: its owner gets one mail."""
    site.publish()
    answers: Counter[tuple[int, str]] = Counter()
    forms = enumerate(islice(spellings(), posts))
    for _ in BAR.track(range(0, posts, AT_ONCE), description="victim"):
        sent = (posting(site.new_browser(network(number)), SIGN, cast.individual(email=spelled)) for number, spelled in islice(forms, AT_ONCE))
        answers.update((answer.status_code, answer.headers.get("location", "")) for answer in together(site, sent))
    return {REFUSED: posts - answers[303, f"/statements/{cast.SLUG}/check-your-mail"], ROWS: len(site.rows()), MAILS: len(mails(site))}
