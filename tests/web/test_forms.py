"""What is read of a form: the same fields as the framework reads, within the bounds of its address."""

import asyncio
from urllib.parse import urlencode

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.types import Message

from app.web.bounds import USUAL
from app.web.forms import typed

_PIECES = st.lists(st.sampled_from([b"a", b"name", b"=", b"&", b"%", b"%C3%A9", b"%ED%A0%80", b"%ff", b"+", b";", "é".encode(), b"\x00"]), max_size=30)


def sent(body: bytes, content_type: str = "application/x-www-form-urlencoded") -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(
        {"type": "http", "app": None, "method": "POST", "path": "/statements/one/sign", "headers": [(b"content-type", content_type.encode())]}, receive
    )


async def framework(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


@given(_PIECES.map(b"".join))
def test_a_form_is_read_as_the_framework_reads_it(body: bytes) -> None:
    assert asyncio.run(typed(sent(body))) == asyncio.run(framework(sent(body)))


def test_a_character_set_in_the_type_changes_nothing() -> None:
    assert asyncio.run(typed(sent(b"name=A+B", "Application/X-WWW-Form-URLEncoded; charset=UTF-8"))) == {"name": "A B"}


@pytest.mark.parametrize("body", [urlencode([(f"f{n}", "1") for n in range(USUAL.fields + 1)]), "name=" + "a" * USUAL.part], ids=["fields", "part"])
def test_more_than_the_bounds_is_refused(body: str) -> None:
    with pytest.raises(HTTPException) as refused:
        asyncio.run(typed(sent(body.encode())))
    assert refused.value.status_code == 400


def test_what_is_just_within_the_bounds_is_read() -> None:
    assert len(asyncio.run(typed(sent(urlencode([(f"f{n}", "1") for n in range(USUAL.fields)]).encode())))) == USUAL.fields
