"""/openapi.json describes the public data, and the answers are as it says."""

from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests import cast
from tests.feeds.lists import AUTOMATIC, many
from tests.site import Site

DATA = {
    "/statements/{slug}.json": "application/json",
    "/statements/{slug}.txt": "text/plain",
    "/statements/{slug}/signatories.json": "application/json",
    "/statements/{slug}/signatories.csv": "text/csv",
    "/statements/{slug}/signatories.ndjson": "application/x-ndjson",
    "/statements/{slug}/history.json": "application/json",
    "/statements/{slug}/feed.json": "application/feed+json",
    "/statements/{slug}/feed.atom": "application/atom+xml",
}
ASKING = ("/statements/{slug}/signatories.json", "/statements/{slug}/feed.json")
"""Those that take values in their query, which may be wrong."""
CHECKS = [schemathesis.checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance]
every_address = pytest.mark.parametrize("path", DATA)


def described(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.browser.get("/openapi.json").json()
    return found


def validate(description: dict[str, Any], schema: dict[str, Any], found: object) -> None:
    """Against a schema of the description, whose references lead into it."""
    registry: Registry[Any] = Registry().with_resource("urn:openapi", Resource.from_contents(description, DRAFT202012))
    whole = {"$id": "urn:question", "$ref": "urn:openapi#" + schema["$ref"].removeprefix("#")} if "$ref" in schema else _absolute(schema)
    jsonschema.Draft202012Validator(whole, registry=registry, format_checker=jsonschema.FormatChecker()).validate(found)


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: f"urn:openapi{value}" if key == "$ref" else _absolute(value) for key, value in schema.items()}
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema


def media(answer: Any) -> str:
    return str(answer.headers["content-type"]).partition(";")[0]


def test_every_public_data_address_is_described_and_nothing_else(site_on_sqlite: Site) -> None:
    paths = described(site_on_sqlite)["paths"]
    assert set(paths) == set(DATA)
    assert {method for methods in paths.values() for method in methods} == {"get"}


def test_the_description_is_valid_openapi(site_on_sqlite: Site) -> None:
    description = described(site_on_sqlite)
    schemathesis.openapi.from_dict(description).validate()
    for name, schema in description["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert name


@every_address
def test_the_type_of_an_answer_is_the_described_one(site_on_sqlite: Site, path: str) -> None:
    slug = site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    answer = site_on_sqlite.browser.get(path.format(slug=slug))
    assert media(answer) == DATA[path]
    assert list(described(site_on_sqlite)["paths"][path]["get"]["responses"]["200"]["content"]) == [DATA[path]]


@every_address
def test_refusals_are_described_as_problems(site_on_sqlite: Site, path: str) -> None:
    site_on_sqlite.publish()
    description = described(site_on_sqlite)
    answer = site_on_sqlite.browser.get(path.format(slug="nowhere"))
    content = description["paths"][path]["get"]["responses"]["404"]["content"]
    assert list(content) == ["application/problem+json"]
    validate(description, content["application/problem+json"]["schema"], answer.json())


@pytest.mark.parametrize("query", ["", "?after=1", "?since=0", "?since=1&after=2"])
def test_real_lists_validate_against_the_described_schema(site_on_sqlite: Site, query: str) -> None:
    slug = site_on_sqlite.publish(cast.statement(front=cast.FIRST + AUTOMATIC), be=cast.belarusian())
    site_on_sqlite.signed()
    site_on_sqlite.work()
    _check(site_on_sqlite, "/statements/{slug}/signatories.json", slug, query)


@pytest.mark.parametrize("path", [path for path, kind in DATA.items() if kind in {"application/json", "application/feed+json"}])
def test_real_answers_validate_against_the_described_schema(site: Site, path: str) -> None:
    news = "news:\n  - {date: 2026-11-20, title: A hearing}\nrelated:\n  - {title: Law}\n"
    _check(site, path, site.publish(cast.statement(front=cast.FIRST + news), be=cast.belarusian()), "")


def _check(site: Site, path: str, slug: str, query: str) -> None:
    description = described(site)
    (content,) = description["paths"][path]["get"]["responses"]["200"]["content"].values()
    validate(description, content["schema"], site.browser.get(path.format(slug=slug) + query).json())


def test_the_schemas_close_the_shapes_they_describe(site_on_sqlite: Site) -> None:
    """A schema that accepts an empty object would hold nothing."""
    description = described(site_on_sqlite)
    for name in ("StatementOut", "SignatoriesOut", "SignatoryOut", "ProblemOut"):
        with pytest.raises(jsonschema.ValidationError):
            validate(description, {"$ref": f"#/components/schemas/{name}"}, {})


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize("path", ASKING)
def test_whatever_is_asked_the_answer_is_a_described_one(site: Site, path: str, mode: str) -> None:
    ask(site, path, mode, 15)


@pytest.mark.parametrize("path", [path for path in DATA if path not in ASKING])
def test_what_takes_no_values_answers_as_described(site_on_sqlite: Site, path: str) -> None:
    ask(site_on_sqlite, path, "positive", 3)


def ask(site: Site, path: str, mode: str, examples: int) -> None:
    """Send what schemathesis makes of the description, and check the answers against it."""
    site.publish(cast.statement(front=many(120)))
    operation = schemathesis.openapi.from_asgi("/openapi.json", site.app)[path]["GET"]

    @settings(max_examples=examples, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(GenerationMode(mode)))
    def send(case: schemathesis.Case[Any]) -> None:
        case.path_parameters["slug"] = cast.SLUG
        case.call_and_validate(checks=CHECKS)

    send()
