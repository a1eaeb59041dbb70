"""Jinja environments, one for each language, and what every template may call."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.types import Scope

from app.i18n import LOCALES, Language, direction, language, language_name, regional
from app.settings import ROOT, get_settings


@cache
def environment(code: str) -> jinja2.Environment:
    """The environment of one language; undefined names are errors."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html", "atom", "svg")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    words = language(code)
    env.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(number=words.number, day=words.date, moment=words.moment, clock=words.clock, age=words.age, country=words.country, listing=words.join)
    env.globals.update(words=words, site=get_settings(), static=static, direction=direction, regional=regional, language_name=language_name, locales=LOCALES)
    return env


@cache
def static(path: str) -> str:
    """The address of a file in static/, with a mark of its content so that caches can keep it."""
    mark = hashlib.sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={mark}"


def scope_language(scope: Mapping[str, Any]) -> Language:
    """The language of the page at this address: its prefix, else the statement's own, else English."""
    return language(scope.get("language") or scope.get("own_language") or "en")


def link(scope: Mapping[str, Any], path: str, code: str | None = None) -> str:
    """`path` in the language `code`, or in the one the present address names."""
    code = code or scope.get("language")
    return f"/{code}{path}" if code else path


def absolute(path: str) -> str:
    """The full address of `path`."""
    return get_settings().base_url + path


def render_in(scope: Scope, name: str, /, **context: object) -> str:
    """Render a page for a request."""
    words = scope_language(scope)

    def here(path: str, code: str | None = None) -> str:
        return link(scope, path, code)

    page = {"link": here, "absolute": absolute, "path": scope["path"], "prefixed": scope.get("language")}
    return environment(words.code).get_template(name).render(**page, **context)


def render_text(code: str, name: str, /, **context: object) -> str:
    """Render a mail or a feed, outside any page."""
    return environment(language(code).code).get_template(name).render(absolute=absolute, **context)


def safe_html(html: str) -> Markup:
    """Mark HTML that was sanitised when it was written."""
    return Markup(html)  # noqa: S704
