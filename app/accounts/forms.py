"""What the staff type to sign in, prove themselves and set up their accounts."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

MIN_PASSWORD, MAX_PASSWORD = 12, 1000
Password = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PASSWORD)]
Answer = Annotated[str, StringConstraints(min_length=2, max_length=20_000)]


class SignInForm(BaseModel):
    """Address and password."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
    password: Password


class CodeForm(BaseModel):
    """A code of the authenticator app, or a recovery code."""

    code: Code


class PasswordForm(BaseModel):
    """A password."""

    password: Password


class NoticesForm(BaseModel):
    """Whether one gets the mails to moderators, and in which language."""

    on_duty: Literal["yes", "no"]
    language: Literal["en", "be", "ru"]


class AppForm(BaseModel):
    """The secret that the page showed, and the code the app makes of it."""

    secret: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    code: Code


class AnswerForm(BaseModel):
    """What a passkey answered, as JSON; `name` for one that is new."""

    answer: Answer
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
