"""The house rules, held by tests."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "app").rglob("*.py"))


def test_imports_point_down() -> None:
    found = subprocess.run([str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("words", "home"),
    [
        (r"\.commit\(", {"db.py", "migrations.py"}),
        (r"os\.environ|getenv", set()),
        (r"datetime\.now|utcnow\(\) *->", {"clock.py"}),
        (r"\bhtml\.safe|Markup\(", {"templates.py"}),
        (r"HTTPException\(", set()),
    ],
)
def test_each_power_has_one_home(words: str, home: set[str]) -> None:
    users = {path.name for path in MODULES if re.search(words, path.read_text(encoding="utf-8"))}
    assert users <= home


def test_every_module_says_what_it_is_for() -> None:
    assert [path.name for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_files_and_functions_stay_small() -> None:
    sizes = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: lines for name, lines in sizes.items() if lines > 300} == {}
    functions = {
        f"{path.relative_to(ROOT)}:{node.name}:{node.lineno}": (node.end_lineno or 0) - node.lineno
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in functions.items() if lines > 40} == {}


def test_templates_decide_little_and_carry_nothing_inline() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 120, path
        if "emails" not in path.parts:
            assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", text), path
            assert not re.search(r"<script(?![^>]*(src=|application/ld\+json))", text), path


def test_style_sheets_use_logical_properties_only() -> None:
    physical = r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom)\s*:|(?:float|text-align)\s*:\s*(?:left|right)"
    for path in (ROOT / "static" / "css").glob("*.css"):
        assert not re.search(physical, path.read_text(encoding="utf-8")), path


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    hosts = "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.", "deb" + r"\.debian\.org"))
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".woff2"}:
            assert not re.search(hosts, path.read_text(encoding="utf-8", errors="ignore")), name
