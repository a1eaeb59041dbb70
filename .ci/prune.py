"""Print the installed distributions that running Undersigned does not need, for the image to leave out."""

import tomllib
from importlib.metadata import distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(names: list[tuple[str, set[str]]], found: set[str]) -> set[str]:
    """The closure of (name, extras) over what is installed."""
    for name, extras in names:
        if name not in found:
            found.add(name)
            wanted = [Requirement(text) for text in requires(name) or []]
            needed([asked(r) for r in wanted if r.marker is None or any(r.marker.evaluate({"extra": extra}) for extra in {"", *extras})], found)
    return found


def asked(requirement: Requirement) -> tuple[str, set[str]]:
    """A requirement as (name, extras)."""
    return canonicalize_name(requirement.name), requirement.extras


project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
direct = [Requirement(text) for text in project["dependencies"]]
keep = needed([asked(r) for r in direct if r.marker is None or r.marker.evaluate()], {"pip"})
print("\n".join(sorted({canonicalize_name(d.metadata["Name"]) for d in distributions()} - keep)))  # noqa: T201
