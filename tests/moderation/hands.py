"""Signatures that wait for a moderator."""

from uuid import UUID

from tests import cast
from tests.signatures.hands import change, sign_many
from tests.site import Site


def confirmed(site: Site, count: int = 1, slug: str = cast.SLUG, kind: str = "organisation", **changes: str) -> list[UUID]:
    """So many people signed and confirmed; the numbers of their rows, in the order of confirming."""
    known = len(site.rows())
    if not known:
        site.publish()
    form = cast.individual if kind == "individual" else cast.organisation
    first = {} if known else {"email": form()["email"]}
    people = [form(**{"email": f"{kind}{known + n}@rivers-house.org", **(first if n == 0 else {}), **changes}) for n in range(count)]
    links = sign_many(site, people, slug)
    for link in links:
        change(site, link.email, lambda row: row.confirm(row.created_at))
    return [row.id for row in site.rows()[known:]]
