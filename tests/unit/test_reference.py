"""docs/resource.md: what is generated in it is what the models say, and all of it.

The tables are read back from the file, and compared with the CRD's schema and with
the models' own defaults: neither of them is what they are written from.
"""

import io
import json
import re
import runpy
import sys
from pathlib import Path

import pytest
import yaml

from local_cluster.kube.schemas import Schema
from mnist_operator import reference
from mnist_operator.crd import build_crd
from mnist_operator.reference import regenerate
from mnist_operator.resource import Spec, parse_training
from mnist_operator.status import Reason

_FILE = Path(__file__).resolve().parents[2] / "docs" / "resource.md"
_TEXT = _FILE.read_text()
[_VERSION] = build_crd()["spec"]["versions"]
_SERVER = Schema(_VERSION["schema"]["openAPIV3Schema"])
_SCHEMA = _VERSION["schema"]["openAPIV3Schema"]["properties"]
_POD = "spec.trainer.template.spec"
_MARKED = r"<!-- generated: ((?:spec|status).*?) -->\n(.*?)<!-- end -->"
_TABLES = re.findall(_MARKED, _TEXT, re.DOTALL)


def _read_rows():
    """Every row of every generated table of fields, by the path of its field."""
    rows = {}
    for paths, text in _TABLES:
        lines = [line for line in text.splitlines() if line.startswith("| ")]
        columns, _, *found = [re.split(r"(?<!\\) \| ", each[2:-2]) for each in lines]
        for cells in found:
            row = dict(zip(columns, cells, strict=True))
            for name in re.findall(r"`(.+?)`", row["field"]):
                rows[_path(paths.split(), name)] = row
    return rows


def _path(marked, name):
    single = [each for each in marked if each.rpartition(".")[2] == name]
    [path] = single if len(marked) > 1 else single or [f"{marked[0]}.{name}"]
    return path.replace("[]", "")


_ROWS = _read_rows()


def _ours(schema, path):
    """The paths of all fields, but for those of shapes that are Kubernetes' own."""
    for name, child in schema.get("properties", {}).items():
        below = f"{path}.{name}"
        yield below
        inside = child.get("items", child)
        if path != _POD:
            yield from _ours(inside, below)


def _defaults(value, path):
    """What the models fill in, by path; for what they leave out, nothing."""
    for name, child in value.items():
        below = f"{path}.{name}"
        if isinstance(child, dict) and child:
            yield from _defaults(child, below)
        else:
            yield below, child


_ALL = [path for part in ("spec", "status") for path in _ours(_SCHEMA[part], part)]
_DEFAULTS = dict(_defaults(Spec().model_dump(by_alias=True, mode="json"), "spec"))


def _text_of(default):
    """A default as the tables have it."""
    if default is None or default in ([], {}):
        return "none"
    if isinstance(default, str) and default:
        return f"`{default}`"
    return f"`{json.dumps(default)}`"


def test_the_file_in_the_repository_is_what_the_models_say():
    assert _TEXT == regenerate(_TEXT)


def test_running_the_module_passes_a_document_through(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(_TEXT))

    runpy.run_path(reference.__file__, run_name="__main__")

    assert _TEXT == capsys.readouterr().out


@pytest.mark.parametrize("path", _ALL)
def test_every_field_of_spec_and_status_has_a_row_or_a_table(path):
    assert path in _ROWS or path in dict(_TABLES)


@pytest.mark.parametrize("path", sorted(_DEFAULTS.keys() - dict(_TABLES)))
def test_the_default_in_the_table_is_the_models_own(path):
    assert _text_of(_DEFAULTS[path]) == _ROWS[path]["default"]


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", _TEXT, re.DOTALL))
def test_every_example_is_one_that_can_be_applied(example):
    shown = yaml.safe_load(example)
    spec = shown["spec"] if "kind" in shown else shown
    meta = {"namespace": "team", "name": "mnist", "uid": "uid-1"}
    body = {"metadata": meta, "spec": spec}

    assert (body, []) == _SERVER.prune(body)
    _SERVER.default(body)
    assert [] == _SERVER.validate(body)
    assert "team/mnist" == parse_training(body).key


def test_every_field_but_a_pods_own_says_what_it_means():
    silent = {
        path
        for path, row in _ROWS.items()
        if row["meaning"] == "As in a pod." and not path.startswith(_POD)
    }

    assert {"spec.trainer.imagePullPolicy"} == silent


@pytest.mark.parametrize(
    ("path", "kind", "bounds"),
    [
        pytest.param(
            "spec.maxParallel", "integer", "1 to 10", id="a-number-has-a-range"
        ),
        pytest.param(
            "spec.trigger.mode",
            "string",
            "`EveryCommit`, `LatestOnly`",
            id="a-choice-has-its-values",
        ),
        pytest.param(
            "spec.input.repo",
            "string",
            "made of letters, digits, `_` and `-`, 1 to 63 characters",
            id="a-pattern-is-said-in-words",
        ),
        pytest.param(
            "spec.trainer.image",
            "string",
            "at most 512 characters",
            id="a-string-that-may-be-empty-has-an-end",
        ),
        pytest.param(
            "spec.attempts.retryableExitCodes",
            "list of integers",
            "at most 32, each 1 to 255",
            id="a-list-is-bounded-and-so-are-its-items",
        ),
        pytest.param(
            "spec.trainer.resources.limits",
            "map to quantities",
            "at most 16",
            id="a-map-has-its-values-type",
        ),
        pytest.param(
            "spec.trainer.env", "list of objects", "at most 64", id="a-list-of-objects"
        ),
        pytest.param("spec.suspend", "boolean", "", id="a-yes-or-no-needs-no-bounds"),
    ],
)
def test_type_and_bounds_are_said_in_words(path, kind, bounds):
    assert (kind, bounds) == (_ROWS[path]["type"], _ROWS[path]["bounds"])


def test_no_table_shows_a_pattern_as_it_is():
    assert [] == [p for p, row in _ROWS.items() if "matches" in row.get("bounds", "")]


def test_what_must_be_given_is_called_required():
    assert "required" == _ROWS["spec.pachyderm.secretRef.name"]["default"]


def test_a_time_is_called_one():
    assert "time" == _ROWS["status.active.since"]["type"]


def test_every_rule_of_the_api_server_is_told_in_its_own_words():
    told = set(re.findall(r"^- (.+)\.$", _TEXT, re.MULTILINE))

    assert set(_rules(_SCHEMA["spec"])) <= told


def _rules(schema):
    """What the API server says where a rule is broken, but for patterns."""
    for each in schema.get("x-kubernetes-validations", ()):
        if not re.search(r"(^|: )self\.matches\(", each["rule"]):
            yield each["message"]
    for child in (*schema.get("properties", {}).values(), schema.get("items", {})):
        if child:
            yield from _rules(child)


def test_a_rule_stands_with_the_field_that_it_is_about():
    document = (
        "<!-- generated: spec.input -->\n<!-- end -->\n"
        "<!-- generated: spec.output -->\n<!-- end -->\n"
    )

    first, second = regenerate(document).split("<!-- end -->\n")[:2]

    assert "spec.input must not change" in first
    assert "spec.output.repo must differ from spec.input.repo" in second


def test_what_is_between_the_markers_is_made_anew_and_nothing_else():
    document = "Before.\n{}Old.\n<!-- end -->\nAfter.\n"
    marker = "<!-- generated: spec.suspend -->\n"

    made = regenerate(document.format(marker))

    assert made.startswith(f"Before.\n{marker}| field | type |")
    assert made.endswith(" |\n<!-- end -->\nAfter.\n")
    assert "Old." not in made


def test_a_document_without_markers_is_left_as_it_is():
    assert "# A title\n" == regenerate("# A title\n")


def test_a_marker_that_names_no_field_is_an_error():
    with pytest.raises(ValueError, match="not enough values"):
        regenerate("<!-- generated: spec.nonsense -->\n<!-- end -->\n")


def test_a_bar_in_a_cell_does_not_end_it():
    """A description may hold one, as any character."""
    document = "<!-- generated: spec.trigger.startFrom -->\n<!-- end -->\n"

    row = regenerate(document).splitlines()[-2]

    assert 6 == len(re.findall(r"(?<!\\)\|", row))


def test_the_reasons_are_those_that_a_condition_can_have():
    text = regenerate("<!-- generated: reasons -->\n<!-- end -->\n")
    of_events = {
        Reason.RUN_STARTED,
        Reason.TRAINING_BEGUN,
        Reason.MODEL_PUBLISHED,
        Reason.ATTEMPT_FAILED,
        Reason.COMMIT_SKIPPED,
        Reason.COMMIT_LEFT_OPEN,
        Reason.DATA_GATE_WARNED,
        Reason.DATA_GATE_RELEASED,
        Reason.PROMOTED,
        Reason.PROMOTION_HELD,
        Reason.PROMOTION_REFUSED,
    }

    told = re.findall(r"^\| `(\w+)` \| \S", text, re.MULTILINE)

    assert [each for each in Reason if each not in of_events] == told
