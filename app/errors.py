"""Errors that carry a status and a sentence fit for the public.

DomainError (400)
├── NotFound (404)
├── Forbidden (403)
├── Conflict (409)
├── Gone (410)
├── TooMany (429, with `retry_after` in seconds)
│   └── Busy (503)
└── InvalidSource (one broken statement file: file, line, key)
"""


def N_(sentence: str) -> str:
    """Mark `sentence` for the catalogs; it is translated where it is shown."""
    return sentence


class DomainError(Exception):
    """A refusal by a rule; `sentence` is a catalog entry, `values` fill its placeholders."""

    status = 400
    title = N_("This cannot be done")

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values

    @property
    def headers(self) -> dict[str, str]:
        """Headers the answer has to carry."""
        return {}

    def __str__(self) -> str:
        return self.sentence % self.values


class NotFound(DomainError):
    """Nothing is published at this address."""

    status = 404
    title = N_("There is no page here")

    def __init__(self, sentence: str = N_("Perhaps the address was mistyped, or what stood here has moved."), **values: object) -> None:
        super().__init__(sentence, **values)


class Forbidden(DomainError):
    """The person may not do this."""

    status = 403
    title = N_("You may not do this")


class Conflict(DomainError):
    """The thing is no longer in the state this act needs."""

    status = 409
    title = N_("Somebody was here before")


class Gone(DomainError):
    """It was here once and is not any more."""

    status = 410
    title = N_("This is no longer here")


class TooMany(DomainError):
    """A limit was reached."""

    status = 429
    title = N_("Please wait a little")

    def __init__(self, sentence: str, retry_after: int, **values: object) -> None:
        super().__init__(sentence, **values)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class Busy(TooMany):
    """More came at once than can be kept, or nothing can be kept."""

    status = 503


class InvalidSource(DomainError):
    """A statement file that breaks the format; says where. `all` holds every complaint about it and its translations, this one first."""

    title = N_("The statement file is not valid")

    def __init__(self, file: str, line: int, key: str, why: str, /, **values: object) -> None:
        super().__init__(why, **values)
        self.file, self.line, self.key = file, line, key
        self.all: tuple[InvalidSource, ...] = (self,)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key + ': ' if self.key else ''}{super().__str__()}"
