"""The same list as JSON, JSON Feed, Atom and CSV."""

import re
from collections.abc import Iterable, Iterator, Sequence

from app.clock import utcnow
from app.feeds.schemas import Counts, NewsOut, RelatedOut, RevisionOut, SignatoryOut, StatementOut, TextOut, address, rfc3339
from app.i18n import Language, language
from app.signatures.models import Signature
from app.signatures.tallies import Tally
from app.signatures.wording import hidden_sentence, sentence
from app.statements.models import Phase
from app.statements.queries import Reading
from app.web import sheets
from app.web.paging import encode_cursor
from app.web.templates import render_text

COLUMNS = tuple(SignatoryOut.model_fields)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any form (2.2). No form lets it in, but one name must never break the feed for all."""


def statement_json(shown: Reading, tally: Tally, phase: Phase) -> StatementOut:
    """The statement as the contract has it."""
    statement, revision = shown.statement, shown.revision
    return StatementOut(
        url=address(shown.path),
        slug=statement.slug,
        language=statement.language,
        languages=[text.language for text in shown.texts],
        title=shown.text.title,
        summary=shown.text.summary or None,
        addressees=shown.text.addressees,
        date=statement.issued_on,
        state=phase,
        opens=statement.opens_at,
        closes=statement.ends_at(),
        revision=RevisionOut(number=revision.number, fingerprint=revision.fingerprint, published=revision.published_at),
        texts=[_text(shown, text.language, text.fingerprint) for text in shown.texts],
        counts=Counts.of(tally),
        goal=statement.goal,
        list_revision=tally.list_revision,
        as_of=tally.as_of,
        notice=notice(shown),
        related=[RelatedOut(title=item.title, url=item.url or None, language=item.language or None) for item in shown.related],
        news=[
            NewsOut(date=item.issued_on, title=item.title, summary=item.summary or None, url=item.url or None, language=item.language or None)
            for item in shown.news
            if item.issued_on
        ],
        signatories_url=address(f"{shown.path}/signatories.json"),
        feed_url=address(f"{shown.path}/feed.json"),
    )


def notice(shown: Reading) -> str | None:
    """That no names are shown, in the language of the text; None while they are."""
    return hidden_sentence(shown.statement, language(shown.text.language)) or None


def _text(shown: Reading, code: str, fingerprint: str) -> TextOut:
    prefix = "" if code == shown.statement.language else f"/{code}"
    return TextOut(language=code, fingerprint=fingerprint, url=address(prefix + shown.path), text_url=address(f"{prefix}{shown.path}.txt"))


def json_feed(shown: Reading, tally: Tally, first: Sequence[Signature], rows: list[Signature], before: int | None, more: bool) -> dict[str, object]:
    """JSON Feed 1.1: the newest hundred signatories, and beside them the first ones, which the widget shows before all others."""
    words = language(shown.statement.language)
    title = words.gettext("Signatories: %(title)s", title=shown.texts[0].title)
    said = hidden_sentence(shown.statement, words)
    pinned = [SignatoryOut.of(row, shown.revision.number).model_dump(mode="json") for row in first]
    own = {"counts": Counts.of(tally).model_dump(), "list_revision": tally.list_revision, "as_of": rfc3339(tally.as_of)}
    own |= {"state": shown.statement.phase(utcnow()), "first": pinned}
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        **({"description": said} if said else {}),
        "home_page_url": address(shown.path),
        "feed_url": address(f"{shown.path}/feed.json", before=before),
        "language": shown.statement.language,
        **({"next_url": address(f"{shown.path}/feed.json", before=rows[-1].number)} if more else {}),
        "_undersigned": own | ({"notice": said} if said else {}),
        "items": [_item(shown, row, words) for row in rows],
    }


def _mark(shown: Reading, row: Signature) -> str:
    """What stands for a signatory for ever: the list's address and their number."""
    return f"{address(shown.path + '/signatories')}#s{row.number}"


def _place(shown: Reading, row: Signature) -> str:
    """Where they are seen: the page of the list that begins with them, for the first one may not reach so far."""
    number = row.number or 0
    return address(f"{shown.path}/signatories", kind=row.kind, after=encode_cursor(number - 1)) + f"#s{number}"


def _item(shown: Reading, row: Signature, words: Language) -> dict[str, object]:
    return {
        "id": _mark(shown, row),
        "url": _place(shown, row),
        "content_text": sentence(row, words),
        "date_published": rfc3339(row.published_at or row.created_at),
        "language": shown.statement.language,
        "_undersigned": SignatoryOut.of(row, shown.revision.number).model_dump(mode="json"),
    }


def atom(shown: Reading, tally: Tally, rows: list[Signature]) -> str:
    """Atom (RFC 4287): the newest hundred signatories."""
    words = language(shown.statement.language)
    entries = [{"id": _mark(shown, row), "url": _place(shown, row), "text": sentence(row, words), "row": row} for row in rows]
    updated = max([tally.as_of, *(row.published_at or row.created_at for row in rows)])
    page = address(shown.path)
    context = {"entries": entries, "updated": rfc3339(updated), "page": page, "notice": hidden_sentence(shown.statement, words)}
    return _NOT_XML.sub("", render_text(words.code, "feeds/feed.atom", shown=shown, rfc3339=rfc3339, **context))


def csv_lines(rows: Iterable[Signature], shown: Reading) -> Iterator[str]:
    """The signatories as CSV. That no names are shown stands in the header: a program still finds no row."""
    revision, said = shown.revision.number, notice(shown)
    return sheets.csv_lines((*COLUMNS, *([said] if said else [])), (SignatoryOut.of(row, revision).model_dump(mode="json").values() for row in rows))
