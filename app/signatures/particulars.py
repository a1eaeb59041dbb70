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

    def same_organisation(self, other: "Particulars") -> bool:
        """Whether what is known of the one organisation is known of the other."""
        return (self.organisation, self.website) == (other.organisation, other.website)

    def dump(self) -> bytes:
        """UTF-8 JSON."""
        return json.dumps(vars(self), ensure_ascii=False).encode()

    def mark(self, kind: str) -> str:
        """Who a founding signatory is, in place of an address."""
        return f"first {kind} {self.name} {self.organisation}"

    @classmethod
    def load(cls, raw: bytes) -> "Particulars":
        """The inverse of `dump`."""
        return cls(**json.loads(raw))


@dataclass(frozen=True)
class Correction:
    """What a signer wants to stand in the place of what a moderator has approved."""

    kind: str
    typed: Particulars

    def dump(self) -> bytes:
        """UTF-8 JSON."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def load(cls, raw: bytes) -> "Correction":
        """The inverse of `dump`."""
        found = json.loads(raw)
        return cls(found["kind"], Particulars(**found["typed"]))
