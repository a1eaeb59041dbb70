"""The frame of the state machine: every act is tried in a transaction of its own, compared with what was believed, and held to the laws."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlmodel import Session

from app.errors import DomainError
from app.moderation import actions as desk
from app.publication.publisher import publish_approved
from app.signatures.models import Kind, Origin, Signature, State, Visibility
from app.signatures.particulars import Particulars
from app.signatures.screening import Proof
from tests.signatures import laws
from tests.signatures.belief import Life, Link
from tests.signatures.world import Letter, Row, Sight, World

ResultT = TypeVar("ResultT")
Mails = Iterable[tuple[str, str]]
FIGURES: Counter[str] = Counter()
KIND, VISIBILITY, HOUSE, NUMBER = st.sampled_from(Kind), st.sampled_from(Visibility), st.integers(0, 3), st.integers(0, 19)


@dataclass(frozen=True)
class Draft:
    """What somebody is about to type, and how it gets to the door."""

    kind: Kind
    visibility: Visibility
    house: int = 0
    proof: str = ""
    trap: bool = False
    late: bool = False


DRAFT = st.builds(
    Draft, KIND, VISIBILITY, HOUSE, proof=st.sampled_from(["", "fresh", "again"]), trap=st.sampled_from([False, False, False, True]), late=st.booleans()
)


@dataclass(frozen=True)
class Chance:
    """What is drawn for an act: which signature (`of`: the one that was picked last, one with which the act is legal, any), and the rest."""

    of: str
    which: int
    number: int
    draft: Draft


CHANCE = st.builds(Chance, st.sampled_from(["last", "last", "last", "legal", "legal", "any"]), NUMBER, NUMBER, DRAFT)


class Machine(RuleBasedStateMachine):
    """The world, and what is believed of it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.lives = [_founder(key, row, self.world.sight) for key, row in self.world.sight.signatures.items()]
        self.lives.sort(key=lambda life: life.number or 0)
        self.gone: list[Life] = []
        self.muted: dict[str, datetime] = {}
        self.questions: list[tuple[Life, Letter]] = []
        self.answered: set[str] = set()
        self.proofs: list[Proof] = []
        self.automatic: set[Kind] = set()
        self.ended_at: datetime | None = None
        self.serial = 0
        self.last: Life | None = None

    @invariant()
    def _counted(self) -> None:
        FIGURES["steps"] += 1

    @property
    def now(self) -> datetime:
        """The moment of the present act."""
        return self.world.now

    def later(self, by: timedelta = timedelta(seconds=1)) -> datetime:
        """Time goes on; no two acts happen at one moment."""
        self.world.now += by
        return self.world.now

    def next(self) -> int:
        """A number for names and words, so that each is somebody's alone."""
        self.serial += 1
        return self.serial

    def pick(self, chance: Chance, legal: Callable[[Life], object], founders: bool = False) -> Life:
        """A signature; mostly one with which the act is legal, and often the same as before, so that one has a history."""
        known = [life for life in self.lives if founders or not life.founder]
        wanted = [life for life in known if legal(life)] if chance.of != "any" else []
        last = [life for life in wanted if life is self.last] if chance.of == "last" else []
        among = last or wanted or known
        self.last = among[chance.which % len(among)]
        return self.last

    def rivals(self, life: Life) -> bool:
        """Whether another signature holds its address."""
        return bool(life.person) and any(one.lives and one.person == life.person for one in self.lives if one is not life)

    def tell(self, life: Life, name: str) -> Mails:
        """The mail about a decision, where there is somebody to write to."""
        return [(name, life.email)] if life.address and life.email and life.person not in self.muted else []

    def attempt(
        self,
        legal: bool | None,
        act: Callable[[Session], ResultT],
        effect: Callable[[ResultT], object] = lambda _: None,
        mails: Mails = (),
        newcomers: Iterable[Life] = (),
        secrets: dict[str, str] | None = None,
        relisted: bool = False,
    ) -> ResultT | None:
        """Try an act: an illegal one is refused and changes nothing, a legal one does what `effect` believes (None: either)."""
        FIGURES["acts"] += 1
        before = self.world.sight
        try:
            with self.world.database.transaction() as session:
                result = act(session)
        except DomainError as refusal:
            assert legal is not True, f"a legal act was refused: {refusal}"  # noqa: PT017 - whether it raises is what is tested
            FIGURES["refused"] += 1
            assert self.world.look(before.tally["list_revision"]).rows == before.rows, "a refused act changed something"
            return None
        assert legal is not False, "an illegal act succeeded"
        effect(result)
        self._see(before, mails, list(newcomers), secrets or {}, relisted)
        return result

    def signature(self, session: Session, life: Life) -> Signature:
        """The row, held."""
        return session.get_one(Signature, life.id, with_for_update=True)

    def approve_one(self, life: Life) -> None:
        """A moderator lets it into the list."""
        now, by = self.now, self.world.moderator
        effect = lambda _: life.move(State.APPROVED, now)  # noqa: E731
        self.attempt(life.state is State.CONFIRMED, lambda session: desk.approve(session, life.id, by, now), effect, self.tell(life, "approved"))

    def publish_all(self) -> None:
        """The publisher's batch."""
        waiting = [life for life in self.lives if life.state is State.APPROVED]

        def effect(number: int) -> None:
            assert number == len(waiting)
            for life in waiting:
                life.state, life.published_at = State.PUBLISHED, self.now

        self.attempt(True, lambda session: publish_approved(session, self.now), effect)

    def _see(self, before: Sight, mails: Mails, newcomers: list[Life], secrets: dict[str, str], relisted: bool) -> None:
        now = self.world.sight = self.world.look(before.tally["list_revision"])
        self._welcome(before, now, newcomers)
        letters = now.letters_since(before)
        assert sorted((letter.name, letter.to) for letter in letters) == sorted(mails)
        for letter in letters:
            self._keep(letter, secrets.get(letter.to))
        self._laws(before, now, relisted)

    def _welcome(self, before: Sight, now: Sight, newcomers: list[Life]) -> None:
        """Tell by their names which rows are whose."""
        fresh = now.signatures.keys() - before.signatures.keys()
        names = {Particulars.load(now.opened["signature", key, "particulars"]).name: key for key in fresh}
        assert sorted(names) == sorted(life.typed.name for life in newcomers if life.typed)
        for life in newcomers:
            life.id = names[life.typed.name if life.typed else ""]
            self.lives.append(life)

    def _keep(self, letter: Letter, secret: str | None) -> None:
        life = next(life for life in self.lives if life.id == letter.about)
        if letter.name == "inquiry":
            self.questions.append((life, letter))
        else:
            life.links.append(Link(letter, self.now, secret if letter.name == "confirm" else None))

    def _laws(self, before: Sight, now: Sight, relisted: bool) -> None:
        for old, new in laws.moves(before, now, bool(self.automatic)):
            FIGURES[f"{old or 'nothing'} → {new or 'nothing'}"] += 1
        assert {life.id for life in self.lives} == now.signatures.keys()
        for life in self.lives:
            if life.number is None and life.state is State.PUBLISHED:
                life.number = now.signatures[life.id]["number"]
            life.is_as_seen(now)
        laws.tally_is_a_recount(before, now)
        laws.one_living_signature_for_an_address(now, {life.id: life.email for life in self.lives})
        laws.only_the_listed_are_named(now)
        laws.numbers_are_used_once(before, now)
        laws.revision_moves_with_the_list(before, now, relisted)
        laws.mirrors_can_follow(before, now)
        laws.directory_holds_who_is_public(now)
        laws.nothing_is_mailed(before, now, set(self.muted))
        kept = {word for life in self.lives if not life.erased for word in life.words}
        laws.nothing_is_left_of(now, {life.id: life.words - kept for life in (*self.lives, *self.gone) if life.erased})


def _founder(key: UUID, row: Row, sight: Sight) -> Life:
    typed = Particulars.load(sight.opened["signature", key, "particulars"])
    return Life(
        *(key, "", row["kind"], row["visibility"], row["state"], typed, row["created_at"]),
        founder=row["source"] is Origin.SECRETARIAT,
        number=row["number"],
        decided_at=row["decided_at"],
        published_at=row["published_at"],
        address=False,
    )
