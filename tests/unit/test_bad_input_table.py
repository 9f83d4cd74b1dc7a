"""The table of what can go wrong: each row names a test, and each test has a row."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "integration"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
_SECTION = OPERATIONS[OPERATIONS.index("## What can go wrong") :]
_COMMENT = re.compile(r"<!-- test: (.+?) -->")
_TEST = re.compile(r"(?P<path>[\w/]+\.py)::(?P<name>\w+)(?:\[(?P<case>[\w-]+)\])?")


def _rows():
    """The rows of all tables of the section, without their heads."""
    tables = re.findall(r"(?:^\|.*\n)+", _SECTION[: _end()], flags=re.MULTILINE)
    return [row for table in tables for row in table.splitlines()[2:]]


def _end():
    found = re.search(r"^### Clocks", _SECTION, flags=re.MULTILINE)
    assert found is not None
    return found.start()


def _named(text):
    """The tests that comments name: file, function, and case or None."""
    for comment in _COMMENT.findall(text):
        for each in comment.split():
            found = _TEST.fullmatch(each)
            assert found, each
            yield found["path"], found["name"], found["case"]


def _functions(path):
    tree = ast.parse((TESTS / path).read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {each.name: each for each in tree.body if isinstance(each, kinds)}


def _cases(function):
    """The ids of a test's parameters, as far as they are written out."""
    return {
        keyword.value.value
        for decorator in function.decorator_list
        for call in ast.walk(decorator)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "id"
    }


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row.split("|")[1].strip())
def test_each_row_names_a_test_that_exists(row):
    named = [*_named(row)]

    assert named
    for path, name, case in named:
        text = (TESTS / path).read_text()
        assert name in _functions(path)
        assert case is None or f'"{case}"' in text


@pytest.mark.parametrize("path", sorted((TESTS / "badinput").glob("test_*.py")))
def test_each_test_of_bad_input_has_a_row(path):
    named = [*_named(_SECTION)]
    place = f"badinput/{path.name}"
    mine = {(name, case) for found, name, case in named if found == place}
    known = {name for name, _ in mine}

    for name, function in _functions(place).items():
        if name.startswith("test_"):
            assert name in known
            whole = (name, None) in mine
            missing = {case for case in _cases(function) if (name, case) not in mine}
            assert whole or not missing


def test_no_test_is_named_for_two_rows():
    named = [*_named(_SECTION)]

    assert len(named) == len(set(named))
