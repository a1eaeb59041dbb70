"""A long sheet with bad rows in it, entered twice."""

import csv
import io

from sqlmodel import col, select

from app.accounts.models import Role
from app.secretariat.collecting import collections_due
from app.signatures.collected import Collection
from app.signatures.models import Origin, Signature
from tests import cast
from tests.proof.figures import BAR, Figures, exactly
from tests.signatures.hands import staff
from tests.site import Site

PLACE = f"/console/statements/{cast.SLUG}/import"
MISSING, REPORTED, AGAIN, LISTED = "good rows not entered", "bad rows not reported with number and reason", "added by a second run", "names not on the list"
EXPECTED = dict.fromkeys((MISSING, REPORTED, AGAIN, LISTED), exactly(0))


def run(site: Site, rows: int, bad: int) -> Figures:
    """Good rows come in, bad ones are reported with number and reason, and a second run of the same sheet adds nobody."""
    site.publish()
    editor = staff(site, Role.EDITOR)
    wrong = set(range(0, rows, rows // bad))
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(("Name", "Country"))
    sheet.writerows((f"Person Invented{n}", "Atlantis" if n in wrong else "BY") for n in range(rows))
    for _ in range(2):
        place = editor.post(PLACE, {"attested_by": "a proof"}, files={"file": ("sheet.csv", written.getvalue().encode())}).headers["location"]
        report = editor.get(f"{place}/refused").text.splitlines()[1:]
        editor.post(f"{place}/enter")
        for _ in BAR.track(range(rows), description="batches"):
            if not collections_due(site.database):
                break
    site.work()
    with site.database.reading() as session:
        first, second = session.exec(select(Collection).order_by(col(Collection.created_at))).all()
        listed = len(session.exec(select(Signature.id).where(Signature.source == Origin.IMPORT, col(Signature.number).is_not(None))).all())
    said = {int(line.split(",")[0]) for line in report if "country" in line.lower()}
    return {
        "rows entered": first.added,
        "rows reported": len(said),
        MISSING: rows - len(wrong) - first.added,
        REPORTED: len({n + 2 for n in wrong} ^ said) + abs(first.refused - len(wrong)),
        AGAIN: second.added,
        LISTED: rows - len(wrong) - listed,
    }
