"""What publishing a source would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.errors import N_
from app.i18n import Language
from app.signatures.models import Origin, Signature, State
from app.signatures.particulars import Particulars
from app.signatures.queries import particulars
from app.statements import queries as statements
from app.statements.actions import described, new_texts
from app.statements.lists import FirstSignatory
from app.statements.models import Phase, Reference, Statement
from app.statements.source import Source

Who = tuple[str, str, str]
FREEZES = timedelta(minutes=1)
"""How long before the opening the texts are frozen, so that no transaction that replaces them reaches into it."""
_ADD = N_("add the text in %(language)s, fingerprint %(fingerprint)s")
_REPLACE = N_("replace the text in %(language)s, fingerprint %(fingerprint)s")


class Entry(str):
    """A catalog entry among the values of a sentence."""

    __slots__ = ()


COLUMNS = {
    "issued_on": Entry(N_("issued on")),
    "place": Entry(N_("place")),
    "takes_organisations": Entry(N_("takes organisations")),
    "takes_individuals": Entry(N_("takes individuals")),
    "automatic_organisations": Entry(N_("automatic organisations")),
    "automatic_individuals": Entry(N_("automatic individuals")),
    "opens_at": Entry(N_("opens at")),
    "closes_at": Entry(N_("closes at")),
    "zone": Entry(N_("zone")),
    "goal": Entry(N_("goal")),
    "contact": Entry(N_("contact")),
    "noindex": Entry(N_("noindex")),
    "demonstration": Entry(N_("demonstration")),
}
_PLAINLY = {None: Entry(N_("none")), "": Entry(N_("none")), True: Entry(N_("yes")), False: Entry(N_("no"))}


@dataclass(frozen=True)
class Step:
    """A sentence about what would be done: a catalog entry, and values of which those of type Entry are catalog entries too."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence % self.values

    def said(self, words: Language) -> str:
        """The sentence in a language."""
        return words.gettext(self.sentence, **{key: words.gettext(value) if isinstance(value, Entry) else value for key, value in self.values.items()})


def plan(session: Session, source: Source, now: datetime) -> list[Step]:
    """What `publish` would do, empty when it would do nothing; raises Conflict for a text that may not change any more."""
    statement = statements.find(session, source.slug)
    if statement is None:
        return _first_time(source)
    revision = statements.revision(session, statement)
    before = {text.language for text in statements.texts(session, revision)}
    replace = replaceable(session, statement, now)
    steps = [
        Step(_REPLACE if text.language in before else _ADD, {"language": text.language, "fingerprint": text.fingerprint})
        for text in new_texts(session, statement, revision, source, replace)
    ]
    if statement.unpublished_at:
        steps.append(Step(N_("bring the statement back, which was taken down")))
    for column, value in described(source).items():
        if getattr(statement, column) != value:
            steps.append(
                Step("%(what)s: %(before)s → %(after)s", {"what": COLUMNS[column], "before": _said(getattr(statement, column)), "after": _said(value)})
            )
    return steps + _signatories(session, statement, source) + _references(session, statement, source)


def replaceable(session: Session, statement: Statement, now: datetime) -> bool:
    """Whether its texts may be replaced still: it is not about to open, and nobody has signed by the form."""
    signed = select(Signature.id).where(Signature.statement_id == statement.id, Signature.source == Origin.FORM).limit(1)
    return statement.phase(now + FREEZES) is Phase.SCHEDULED and session.exec(signed).first() is None


def _first_time(source: Source) -> list[Step]:
    languages = ", ".join(text.language for text in (source.original, *source.translations))
    extras = (
        (N_("%(count)s first signatories"), source.first_signatories),
        (N_("%(count)s related articles"), source.related),
        (N_("%(count)s news items"), source.news),
    )
    return [
        Step(N_("publish `%(title)s` as /statements/%(slug)s (%(languages)s)"), {"title": source.original.title, "slug": source.slug, "languages": languages}),
        Step(N_("revision 1, fingerprint %(fingerprint)s"), {"fingerprint": source.original.fingerprint}),
        *(Step(sentence, {"count": len(items)}) for sentence, items in extras if items),
    ]


def _signatories(session: Session, statement: Statement, source: Source) -> list[Step]:
    entered = entered_first(session, statement)
    wanted = {who(signatory): signatory for signatory in source.first_signatories}
    corrected = [key for key, wish in wanted.items() if key in entered and differs(*entered[key], wish)]
    steps = [Step(N_("add first signatory %(name)s"), {"name": _named(key)}) for key in wanted if key not in entered]
    steps += [Step(N_("remove first signatory %(name)s"), {"name": _named(key)}) for key in entered if key not in wanted]
    steps += [Step(N_("correct first signatory %(name)s"), {"name": _named(key)}) for key in corrected]
    return steps + ([Step(N_("put the first signatories in another order"))] if reordered(entered, source) else [])


def _references(session: Session, statement: Statement, source: Source) -> list[Step]:
    written = session.exec(select(Reference).where(Reference.statement_id == statement.id).order_by(col(Reference.position)))
    before = [(row.issued_on, row.title, row.summary, row.url, row.language) for row in written]
    after = [(item.date, item.title, item.summary, item.url, item.language) for item in (*source.related, *source.news)]
    return [Step(N_("write the related articles and news anew"))] if before != after else []


def entered_first(session: Session, statement: Statement, lock: bool = False) -> dict[Who, tuple[Signature, Particulars]]:
    """The first signatories that stand now, by who they are; with `lock` nobody decides about them meanwhile."""
    living = (State.APPROVED, State.PUBLISHED)
    wanted = select(Signature).where(Signature.statement_id == statement.id, Signature.source == Origin.SECRETARIAT, col(Signature.state).in_(living))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    rows: Sequence[Signature] = session.exec(wanted).all()
    opened = [(row, particulars(session, row) or row.shown()) for row in rows]
    return {(row.kind.value, typed.name, typed.organisation): (row, typed) for row, typed in opened}


def who(signatory: FirstSignatory) -> Who:
    """What makes a first signatory the same one at the next publication."""
    return signatory.kind, signatory.name, signatory.organisation


def differs(row: Signature, typed: Particulars, wish: FirstSignatory) -> bool:
    """Whether role, website, country or language changed."""
    return (typed.role, typed.website, typed.country, typed.language) != (wish.role, wish.website, wish.country, wish.language or row.page_language)


def reordered(entered: Mapping[Who, tuple[Signature, Particulars]], source: Source) -> bool:
    """Whether those who stay stand in another order than before."""
    stay = [who(signatory) for signatory in source.first_signatories if who(signatory) in entered]
    return stay != sorted(stay, key=lambda key: entered[key][0].position)


def _named(key: Who) -> str:
    return ", ".join(part for part in key[1:] if part)


def _said(value: object) -> object:
    return _PLAINLY.get(value, str(value)) if isinstance(value, bool | str | None) else str(value)
