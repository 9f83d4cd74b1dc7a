"""Every record, against docs/lineage.schema.json and docs/lineage.md."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from schemas.recorded import ALL, EXAMPLE, WHOLE, content

_DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((_DOCS / "lineage.schema.json").read_text())
_PAGE = (_DOCS / "lineage.md").read_text()
_OPEN = ("externalParameters.spec", "internalParameters.effective")
"""Other pages have what is in there: docs/resource.md, docs/trainer.md."""


def _close(part):
    """The same schema, which allows nothing that it does not name."""
    if isinstance(part, list):
        return [_close(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = {key: _close(each) for key, each in part.items()}
    if "properties" in part:
        closed.setdefault("additionalProperties", False)
    return closed


def _strict():
    closed = _close(SCHEMA)
    for name in ("otherDependency", "otherByproduct"):
        closed["$defs"][name] = False
    return Draft202012Validator(closed)


def _faults(validator, record):
    return [
        f"{error.json_path}: {error.message}"
        for error in validator.iter_errors(json.loads(content(record)))
    ]


records = pytest.mark.parametrize(
    "record", [pytest.param(of, id=name) for name, of in ALL.items()]
)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@records
def test_a_record_is_what_the_schema_says(record):
    assert [] == _faults(Draft202012Validator(SCHEMA), record)


@records
def test_the_schema_names_every_key_of_it(record):
    assert [] == _faults(_strict(), record)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"subject": []}, id="no-files"),
        pytest.param({"predicateType": "https://slsa.dev/provenance/v0.2"}, id="old"),
        pytest.param({"predicate": {}}, id="no-predicate"),
        pytest.param(
            {"subject": [{"name": "m.h5", "digest": {"sha256": "00"}}]}, id="digest"
        ),
    ],
)
def test_what_is_no_record_is_refused(change):
    validator = Draft202012Validator(SCHEMA)

    assert not validator.is_valid(json.loads(content()) | change)


def test_a_record_of_a_later_version_is_accepted_too():
    later = json.loads(content())
    definition = later["predicate"]["buildDefinition"]
    definition["internalParameters"] |= {"recordVersion": 9, "more": "words"}
    definition["resolvedDependencies"].append({"name": "more", "uri": "oci://more"})

    assert Draft202012Validator(SCHEMA).is_valid(later)


def test_a_dependency_is_checked_by_its_name():
    forged = json.loads(content())
    [image] = (
        each
        for each in forged["predicate"]["buildDefinition"]["resolvedDependencies"]
        if each["name"] == "image"
    )
    image["digest"] = {"sha256": "latest"}

    assert not Draft202012Validator(SCHEMA).is_valid(forged)


# --- the page -------------------------------------------------------------------------


def _example():
    """The one block of JSON on the page."""
    [block] = re.findall(r"```json\n(.*?)```", _PAGE, flags=re.DOTALL)
    return block


def test_the_pages_example_is_what_the_operator_would_write():
    """Where this fails, the text that it expects is the page's new example."""
    shown = json.dumps(json.loads(content(EXAMPLE)), indent=2, ensure_ascii=False)

    assert f"{shown}\n" == _example()


def _paths(value, path=""):
    """Each place in a record, the items of a list by their names."""
    path = re.sub(r"^predicate\.(buildDefinition|runDetails)\.", "", path)
    if path in _OPEN:
        yield path
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _paths(each, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for each in value:
            name = "" if path == "subject" else each.get("name", "")
            yield from _paths(each, f"{path}[{name}]")
    else:
        yield path


def test_the_pages_tables_have_every_key():
    lines = [line for line in _PAGE.splitlines() if line.startswith("| ")]
    told = set(re.findall("`([^`]+)`", "\n".join(lines)))
    records = [json.loads(content(record)) for record in (EXAMPLE, WHOLE)]
    found = {path for record in records for path in _paths(record)}

    assert [] == sorted(path for path in found - told if not path.endswith("].name"))
