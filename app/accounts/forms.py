"""The sign-in form."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

MAX_PASSWORD = 1000


class SignInForm(BaseModel):
    """Address and password."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]
