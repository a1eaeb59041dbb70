"""The chain of the record: whatever is changed, taken out, swapped or cut off is found."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.audit.chain import START, Fact, Head, Link, broken, digest

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTS = ("sign-in", "open", "approve", "reject")


def chain(count: int) -> tuple[list[Link], Head]:
    links: list[Link] = []
    previous = START
    for number in range(1, count + 1):
        fact = Fact(BEGAN + timedelta(seconds=number), UUID(int=number % 3), ACTS[number % 4], UUID(int=7), str(UUID(int=number)), "")
        previous = digest(previous, number, fact)
        links.append(Link(number, fact, previous))
    return links, Head(count, previous.hex())


def again(links: list[Link], start: int) -> list[Link]:
    """What a forger would write: every digest from a place on made anew."""
    previous = links[start - 1].digest if start else START
    for place in range(start, len(links)):
        previous = digest(previous, links[place].number, links[place].fact)
        links[place] = replace(links[place], digest=previous)
    return links


def damaged(links: list[Link], dice: random.Random) -> list[Link]:
    """One random thing that somebody with the database in hand may do."""
    links, place = list(links), dice.randrange(len(links))
    other = (place + dice.randrange(1, len(links))) % len(links)
    kind = dice.randrange(7)
    fact = links[place].fact
    edits = [
        replace(fact, act="removed"),
        replace(fact, at=fact.at + timedelta(microseconds=1)),
        replace(fact, account_id=None),
        replace(fact, subject=fact.subject[:-1]),
        replace(fact, detail="{}"),
    ]
    if kind == 0:
        links[place] = replace(links[place], fact=dice.choice(edits))
    elif kind == 1:  # and every digest after it is made anew
        links[place] = replace(links[place], fact=dice.choice(edits))
        links = again(links, place)
    elif kind == 2:
        del links[place]
    elif kind == 3:  # a gap that is closed
        del links[place]
        links = again([replace(link, number=number) for number, link in enumerate(links, 1)], 0)
    elif kind == 4:
        links[place], links[other] = replace(links[place], fact=links[other].fact), replace(links[other], fact=links[place].fact)
    elif kind == 5:
        links[place], links[other] = replace(links[other], number=place + 1), replace(links[place], number=other + 1)
        links = again(links, 0)
    else:
        del links[place:]
    return links


def test_a_record_nobody_touched_is_whole() -> None:
    links, head = chain(50)
    assert list(broken(links, head)) == []
    assert list(broken([], Head())) == []


def test_a_thousand_random_forgeries_are_all_found() -> None:
    links, head = chain(60)
    dice = random.Random(20260301)
    assert [n for n in range(1000) if not list(broken(damaged(links, dice), head))] == []


def test_entries_that_came_after_the_head_was_written_are_in_order_too() -> None:
    links, _ = chain(50)
    behind = Head(40, links[39].digest.hex())
    assert list(broken(links, behind)) == []
    assert list(broken([*links[:44], *links[45:]], behind)) == [46]


@given(st.integers(1, 30), st.integers(0, 30))
def test_what_was_deleted_in_time_is_not_missed_but_one_more_is(count: int, gone: int) -> None:
    links, head = chain(count)
    gone = min(gone, count)
    start = Head(head.number, head.digest, gone, links[gone - 1].digest.hex() if gone else START.hex())
    assert list(broken(links[gone:], start)) == []
    if gone < count:
        assert list(broken(links[gone + 1 :], start)) != []


def test_the_mac_of_a_head_is_of_all_its_parts() -> None:
    _, head = chain(3)
    others = (replace(head, number=2), replace(head, digest=START.hex()), replace(head, after=1), replace(head, before=head.digest))
    assert head.mac(b"k" * 32) not in {other.mac(b"k" * 32) for other in others} | {head.mac(b"l" * 32)}
