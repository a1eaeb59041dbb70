"""What must hold of the database after every act, whatever the act was: each law sees how it stood before and how it stands now."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from app.i18n import LOCALES
from app.signatures.identity import canonical_address
from app.signatures.models import LIVING, Kind, State, Visibility
from tests.signatures.world import Row, Sight

PENDING, CONFIRMED, APPROVED, PUBLISHED = LIVING
# "" is no row. An automatic policy approves in the same transaction.
MOVES: dict[State | str, frozenset[State | str]] = {
    "": frozenset({PENDING, State.SCREENED}),
    State.SCREENED: frozenset({PENDING, State.EXPIRED}),
    PENDING: frozenset({CONFIRMED, State.EXPIRED, ""}),
    CONFIRMED: frozenset({APPROVED, State.REJECTED, State.WITHDRAWN, State.EXPIRED}),
    APPROVED: frozenset({PUBLISHED, State.WITHDRAWN}),
    PUBLISHED: frozenset({State.WITHDRAWN, State.REMOVED}),
    State.REJECTED: frozenset({CONFIRMED}),
    State.REMOVED: frozenset({APPROVED}),
}
NAMED = ("name", "role", "organisation", "website", "domain", "country", "language", "folded", "organisation_id")
PERSONAL = ("particulars", "correction", "corrected_at", "parting", "address", "address_index", "cluster", *NAMED)


def listed(row: Row) -> bool:
    """Whether a signature is named in the public list."""
    return row["state"] is PUBLISHED and row["visibility"] is Visibility.PUBLIC


def moves(before: Sight, now: Sight, automatic: bool) -> set[tuple[State | str, State | str]]:
    """The transitions from one sight to the next; each must be one that the design allows."""
    states = [{key: row["state"] for key, row in sight.signatures.items()} for sight in (before, now)]
    seen = {(states[0].get(key, ""), states[1].get(key, "")) for key in states[0].keys() | states[1].keys()}
    made = {(old, new) for old, new in seen if old != new}
    allowed = {(old, new) for old, news in MOVES.items() for new in news} | ({(PENDING, APPROVED)} if automatic else set())
    assert made <= allowed, f"forbidden: {made - allowed}"
    return made


def tally_is_a_recount(before: Sight, now: Sight) -> None:
    published = [row for row in now.signatures.values() if row["state"] is PUBLISHED]
    kinds = Counter(row["kind"] for row in published if row["visibility"] is Visibility.PUBLIC)
    tally, withheld = now.tally, sum(row["visibility"] is Visibility.WITHHELD for row in published)
    assert (tally["organisations"], tally["individuals"], tally["withheld"]) == (kinds[Kind.ORGANISATION], kinds[Kind.INDIVIDUAL], withheld)
    step = abs(tally["withheld_shown"] - before.tally["withheld_shown"])
    assert step == 0 or step >= 5, "a step of the shown count betrays somebody"
    assert abs(tally["withheld_shown"] - withheld) <= 4


def one_living_signature_for_an_address(now: Sight, address_of: dict[UUID, str]) -> None:
    living = Counter(canonical_address(address_of[key]) for key, row in now.signatures.items() if row["state"] in LIVING and address_of.get(key))
    assert [address for address, count in living.items() if count > 1] == []


def only_the_listed_are_named(now: Sight) -> None:
    for row in now.signatures.values():
        filled = {name for name in NAMED if row[name] is not None}
        if listed(row):
            assert {"name", "folded"} <= filled
            assert (row["number"] is not None, row["delisted_revision"], row["listed_revision"] <= now.tally["list_revision"]) == (True, None, True)
            assert ("organisation_id" in filled) == (row["kind"] is Kind.ORGANISATION)
        else:
            assert filled == set()
    keys = {(row["signature_id"], row["language"], row["number"]) for row in now.rows["signatory_sort_key"].values()}
    assert keys == {(key, code, row["number"]) for key, row in now.signatures.items() if listed(row) for code in LOCALES}
    assert set(now.face) == {row["number"] for row in now.signatures.values() if listed(row)}, "the list shows somebody who is not listed"


def numbers_are_used_once(before: Sight, now: Sight) -> None:
    last, numbered = now.tally["last_number"], {key: row["number"] for key, row in now.signatures.items() if row["number"] is not None}
    assert len(set(numbered.values())) == len(numbered)
    assert max(numbered.values(), default=0) <= last
    for key, row in before.signatures.items():
        assert row["number"] is None or numbered.get(key) == row["number"], "a number was changed"
    fresh = sorted(number for key, number in numbered.items() if before.signatures.get(key, {}).get("number") is None)
    assert fresh == list(range(before.tally["last_number"] + 1, last + 1))


def public(sight: Sight) -> tuple[object, ...]:
    """All that readers of the list see."""
    counts = tuple(sight.tally[name] for name in ("organisations", "individuals", "withheld_shown"))
    return counts, sight.face


def revision_moves_with_the_list(before: Sight, now: Sight, relisted: bool) -> None:
    old, new = before.tally["list_revision"], now.tally["list_revision"]
    assert new >= old
    if public(before) != public(now):
        assert new > old, "the list changed and its revision did not"
        assert now.tally["as_of"] > before.tally["as_of"]
    elif not relisted:
        assert (new, now.tally["as_of"]) == (old, before.tally["as_of"]), "the revision moved and betrays what nobody can see"


def mirrors_can_follow(before: Sight, now: Sight) -> None:
    followed = {number: row for number, row in before.face.items() if number not in now.went} | now.came
    assert followed == now.face
    assert now.went <= before.face.keys(), "a number is said to leave that was not in the list"


def directory_holds_who_is_public(now: Sight) -> None:
    signed = {row["organisation_id"] for row in now.signatures.values() if listed(row) and row["kind"] is Kind.ORGANISATION}
    assert {key[0] for key in now.rows["organisation"]} == signed
    assert {key[0] for key in now.rows["organisation_name"]} == signed


def nothing_is_mailed(before: Sight, now: Sight, muted: set[str]) -> None:
    """To the muted, nor about what is screened."""
    for letter in now.letters_since(before):
        assert letter.name == "inquiry" or canonical_address(letter.to) not in muted, f"{letter.name} to a muted address"
        assert letter.about is None or now.signatures[letter.about]["state"] is not State.SCREENED


def nothing_is_left_of(now: Sight, erased: Mapping[UUID, set[str]]) -> None:
    """The erased: no personal column, no row about them, and none of what was typed or written in any column, sealed or not."""
    for key, row in now.signatures.items():
        assert key not in erased or {name for name in PERSONAL if row[name] is not None} == set()
    about = [row for rows in now.rows.values() for row in rows.values() if erased.keys() & {row.get("signature_id"), row.get("about")}]
    assert {name for row in about for name in ("payload", "words", "token_hash", "code_hash", "cookie_hash") if row.get(name) is not None} == set()
    texts = [value for rows in now.rows.values() for row in rows.values() for value in row.values() if isinstance(value, str)]
    everything = "\n".join([*texts, *(value.decode() for value in now.opened.values())])
    assert {word for words in erased.values() for word in words if word in everything} == set()
