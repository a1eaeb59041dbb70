"""What a signer typed, as one value that is sealed and opened whole."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Particulars:
    """The person, and the organisation they sign for or are affiliated with; never the address."""

    name: str
    role: str = ""
    organisation: str = ""
    website: str = ""
    country: str = ""
    mandate: str = ""
    language: str = ""

    def dump(self) -> bytes:
        """UTF-8 JSON."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def load(cls, raw: bytes) -> "Particulars":
        """The inverse of `dump`."""
        return cls(**json.loads(raw))
