"""The CustomResourceDefinition: its names and columns, its bounds and defaults.

The schema is checked for what a real API server asks of a structural one; defaults
are filled in by the local cluster's own schema.
"""

import runpy
from pathlib import Path

import pytest
import yaml

from local_cluster.kube.schemas import Schema
from mnist_operator import crd
from mnist_operator.crd import build_crd
from mnist_operator.resource import Spec

_FILE = Path(__file__).resolve().parents[2] / "crds" / "mnisttraining.yaml"
_CRD = build_crd()
[_VERSION] = _CRD["spec"]["versions"]
_ROOT = _VERSION["schema"]["openAPIV3Schema"]
_SERVER = Schema(_ROOT)
_SPEC = _ROOT["properties"]["spec"]
_LISTS = {"x-kubernetes-list-type", "x-kubernetes-list-map-keys"}
_STRUCTURAL = {
    "additionalProperties", "default", "description", "enum", "format", "items",
    "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength",
    "minimum", "pattern", "properties", "required", "type",
    "x-kubernetes-validations", "x-kubernetes-int-or-string", *_LISTS,
}  # fmt: skip


def nodes(schema, path=""):
    """Every schema at and below this one, with its path."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}".lstrip("."))
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from nodes(schema[key], f"{path}[]")


_ALL = dict(nodes(_ROOT))
_OF_SPEC = {path: node for path, node in _ALL.items() if path.startswith("spec")}


def of_type(*kinds):
    # A quantity, which may be a number, is bounded as a string is.
    found = {
        path: node
        for path, node in _OF_SPEC.items()
        if node.get("type", "string") in kinds
    }
    return pytest.mark.parametrize("node", found.values(), ids=list(found))


def a_training(spec=None):
    body = {"metadata": {"name": "mnist", "namespace": "team"}}
    if spec is not None:
        body["spec"] = spec
    return body


def without_empties(value):
    if not isinstance(value, dict):
        return value
    kept = {name: without_empties(child) for name, child in value.items()}
    return {name: child for name, child in kept.items() if child not in ({}, [])}


def test_the_file_in_the_repository_is_what_the_models_say():
    assert yaml.safe_load(_FILE.read_text()) == _CRD


def test_running_the_module_writes_the_file(capsys):
    runpy.run_path(crd.__file__, run_name="__main__")

    assert _FILE.read_text() == capsys.readouterr().out


def test_it_is_called_what_the_group_and_plural_say():
    names = _CRD["spec"]["names"]

    assert "mnisttrainings.mnist-operator.dev" == _CRD["metadata"]["name"]
    assert ["mt"] == names["shortNames"]
    assert ("MnistTraining", "mnisttraining") == (names["kind"], names["singular"])
    assert "Namespaced" == _CRD["spec"]["scope"]


def test_status_is_a_subresource():
    assert {"status": {}} == _VERSION["subresources"]
    assert _VERSION["served"]
    assert _VERSION["storage"]


def test_kubectl_get_shows_what_was_trained_and_with_what_result():
    columns = _VERSION["additionalPrinterColumns"]
    narrow = [each["name"] for each in columns if not each["priority"]]
    wide = [each["name"] for each in columns if each["priority"]]

    assert [
        "Ready", "Input", "Model", "Accuracy", "Pending", "Last Success", "Age",
    ] == narrow  # fmt: skip
    assert ["Reason", "Suspend"] == wide


@pytest.mark.parametrize(
    "path",
    [each["jsonPath"] for each in _VERSION["additionalPrinterColumns"]],
)
def test_every_column_shows_a_field_that_exists(path):
    field = path.removeprefix(".").replace('[?(@.type=="Ready")]', "[]")

    assert field in _ALL or field == "metadata.creationTimestamp"


@pytest.mark.parametrize("node", _ALL.values(), ids=[path or "." for path in _ALL])
def test_every_part_of_the_schema_is_structural(node):
    assert set() == set(node) - _STRUCTURAL
    assert isinstance(node.get("type"), str) or node["x-kubernetes-int-or-string"]
    assert None not in node.values()
    assert not ("properties" in node and "additionalProperties" in node)


@of_type("string")
def test_every_string_is_bounded(node):
    assert {"maxLength", "enum", "format"} & set(node)


@of_type("array")
def test_every_list_is_bounded(node):
    assert "maxItems" in node


@of_type("integer")
def test_every_number_is_bounded(node):
    assert node["minimum"] < node["maximum"]


@of_type("object")
def test_every_object_has_known_fields_or_a_bounded_number_of_them(node):
    assert "properties" in node or "maxProperties" in node


def test_no_field_is_a_float():
    assert "number" not in {node.get("type") for node in _ALL.values()}


@pytest.mark.parametrize("spec", [None, {}], ids=["no-spec", "an-empty-one"])
def test_the_api_server_fills_in_what_the_models_would(spec):
    body = a_training(spec)

    _SERVER.default(body)

    expected = Spec().model_dump(by_alias=True, exclude_none=True)
    assert without_empties(expected) == without_empties(body["spec"])
    assert Spec() == Spec.model_validate(body["spec"])


def test_an_optional_object_stays_away_unless_it_is_asked_for():
    body = a_training({"trainer": {"env": [{"name": "A", "value": "1"}]}})

    _SERVER.default(body)

    assert "secretRef" not in body["spec"]["pachyderm"]
    assert [{"name": "A", "value": "1"}] == body["spec"]["trainer"]["env"]
