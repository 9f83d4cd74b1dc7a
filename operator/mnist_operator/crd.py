"""Generate crds/mnisttraining.yaml from the pydantic models.

Run `python -m mnist_operator.crd > crds/mnisttraining.yaml` after a change of
`resource.py` or `status.py`; a test keeps file and models equal.
The API server wants a structural schema: no references, no null, no titles.
"""

import sys
from collections.abc import Mapping
from typing import Any

import yaml

from mnist_operator import resource
from mnist_operator.model import WORDS
from mnist_operator.status import Status
from mnist_operator.trainer_rules import TRAINER_RULES, Rules

__all__ = ["NAME_LIMIT", "build_crd"]

NAME_LIMIT = 40
"""Longest name of a MnistTraining: a TFJob is called name-<12 of the run's ID>,
and from 54 characters on (tests of training-operator 1.9.4) it never starts."""

_KEPT = (
    "type",
    "description",
    "default",
    "enum",
    "format",
    "items",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "maxProperties",
    "properties",
    "required",
    "additionalProperties",
)

_QUOTED = ".divisor"
"""So many of these may be in a template that the API server would allow no rule."""

_ROOT_RULES: Rules = [
    {
        "rule": "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')"
        f" && size(self.metadata.name) <= {NAME_LIMIT}",
        "message": "metadata.name must start with a letter, hold only a-z, 0-9 and -"
        f", and have at most {NAME_LIMIT} characters: TFJobs are named after it",
    }
]
_RULES: Mapping[str, Rules] = {
    "spec": [
        {
            "rule": "self.input.project != self.output.project"
            " || self.input.repo != self.output.repo",
            "message": "spec.output.repo must differ from spec.input.repo: a model"
            " pushed there would be taken for data",
        },
        {
            "rule": "self.output.runRepo == ''"
            " || self.output.runRepo != self.output.repo",
            "message": "spec.output.runRepo must differ from spec.output.repo: raw"
            " attempts must not reach the models",
        },
        {
            "rule": "self.input.project != self.output.project"
            " || (self.output.runRepo == '' ? self.output.repo + '_runs'"
            " : self.output.runRepo) != self.input.repo",
            "message": "spec.output.runRepo must differ from spec.input.repo; left out,"
            " it is spec.output.repo followed by _runs",
        },
        {
            "rule": "self.output.runRepo != '' || size(self.output.repo) <= 58",
            "message": "spec.output.repo must have at most 58 characters, to which"
            " _runs is added for the run repo; or give spec.output.runRepo",
        },
        {
            "rule": "!has(self.promotion)"
            " || self.promotion.branch != self.output.branch",
            "message": "spec.promotion.branch must differ from spec.output.branch:"
            " there every model is published",
        },
    ],
    "spec.input": [
        {
            "rule": "self == oldSelf",
            "message": "spec.input must not change: the record of decided commits"
            " belongs to it; create another MnistTraining for other data",
        }
    ],
    "spec.output": [
        {
            "rule": "self.project == oldSelf.project && self.repo == oldSelf.repo"
            " && self.branch == oldSelf.branch && self.path == oldSelf.path"
            " && self.runRepo == oldSelf.runRepo",
            "message": "spec.output must not change: the models so far are there;"
            " create another MnistTraining for another place (provenance may change)",
        }
    ],
    "spec.trigger": [
        {
            "rule": "self.minCommits == 1 || self.mode == 'LatestOnly'",
            "message": "spec.trigger.minCommits must be 1 with mode EveryCommit, which"
            " trains each of them; set mode to LatestOnly to train one for many",
        },
        {
            "rule": "self.unchanged == 'Skip' || !has(self.paths)"
            " || size(self.paths) == 0",
            "message": "spec.trigger.unchanged must be Skip with paths: a filter on"
            " paths asks what has changed",
        },
    ],
    "spec.promotion": [
        {
            "rule": "self.mode == 'Off' || has(self.heldOut)",
            "message": "spec.promotion.heldOut must name the images to compare models"
            " with; or set mode to Off",
        }
    ],
    "spec.promotion.heldOut": [
        {
            "rule": "has(self.branch) != has(self.commit)",
            "message": "spec.promotion.heldOut must have either branch or commit",
        }
    ],
    **TRAINER_RULES,
}

_COLUMNS = (
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', 0),
    ("Input", "string", ".status.lastTrainedCommit", 0),
    ("Model", "string", ".status.lastModelCommit", 0),
    ("Accuracy", "string", ".status.lastAccuracy", 0),
    ("Pending", "integer", ".status.pendingCommits", 0),
    ("Last Success", "date", ".status.lastSuccessfulTime", 0),
    ("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason', 1),
    ("Suspend", "boolean", ".spec.suspend", 1),
    ("Age", "date", ".metadata.creationTimestamp", 0),
)
"""Name, type, JSON path and priority (1: only with -o wide)."""


def build_crd() -> dict[str, Any]:
    """The CustomResourceDefinition, ready to be written as YAML."""
    names = {
        "kind": resource.KIND,
        "listKind": f"{resource.KIND}List",
        "plural": resource.PLURAL,
        "singular": resource.KIND.lower(),
        "shortNames": ["mt"],
        "categories": ["mnist"],
    }
    version = {
        "name": resource.VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [
            {"name": name, "type": kind, "jsonPath": path, "priority": priority}
            for name, kind, path, priority in _COLUMNS
        ],
        "schema": {"openAPIV3Schema": _root_schema()},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resource.PLURAL}.{resource.GROUP}"},
        "spec": {
            "group": resource.GROUP,
            "names": names,
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def _root_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Trains a model on every commit of a Pachyderm branch.",
        "x-kubernetes-validations": _ROOT_RULES,
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": {**_model_schema(resource.Spec, "spec"), "default": _spec()},
            "status": _model_schema(Status, "status"),
        },
    }


def _spec() -> dict[str, Any]:
    """The default of spec, written out.

    The API server checks a default against the CEL rules as it stands, without the
    defaults inside it, so `{}` would be refused.
    """
    return resource.Spec().model_dump(by_alias=True, exclude_none=True, mode="json")


def _model_schema(model: type[Any], path: str) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    return _structural(schema, schema.get("$defs", {}), path)


def _structural(
    node: Mapping[str, Any], definitions: Mapping[str, Any], path: str
) -> dict[str, Any]:
    """Inline references, drop null and titles, add defaults and CEL rules."""
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        node = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
    if "anyOf" in node:
        [branch] = [each for each in node["anyOf"] if each.get("type") != "null"]
        rest = {k: v for k, v in node.items() if k not in {"anyOf", "default"}}
        return _structural({**branch, **rest}, definitions, path)
    kept = {
        key: value
        for key, value in node.items()
        if key in _KEPT or key.startswith("x-kubernetes-")
    }
    if "pattern" in node and path.endswith(_QUOTED):
        kept["pattern"] = node["pattern"]
    if "required" in kept:
        kept["required"] = list(kept["required"])  # YAML would make aliases of one.
    _descend(kept, definitions, path)
    rules = [*_RULES.get(path, ()), *_pattern_rules(node, path)]
    if rules:
        kept["x-kubernetes-validations"] = rules
    return kept


def _pattern_rules(node: Mapping[str, Any], path: str) -> Rules:
    """A pattern as a rule: the API server's own refusal would only quote it."""
    if "pattern" not in node or path.endswith(_QUOTED):
        return []
    pattern = str(node["pattern"])
    text = pattern.replace("\\", "\\\\")
    rule, value = f"self.matches('{text}')", "self"
    if "type" not in node:
        rule = f"type(self) == int ? self >= 0 : {rule}"
        value = "string(self)"
    message = f"{_subject(path)} must be {WORDS[pattern].replace('`', '')}"
    expression = f"'{message}, and not \"' + {value} + '\"'"
    return [{"rule": rule, "message": message, "messageExpression": expression}]


def _subject(path: str) -> str:
    """Who a rule is about: each of spec.trigger.paths, spec.trainer.env[].name."""
    owner, _, last = path.rpartition(".")
    whole = {"[]": "each of ", "{}": "each value of "}.get(last, "")
    return f"{whole}{owner if whole else path}".replace(".[]", "[]")


def _descend(kept: dict[str, Any], definitions: Mapping[str, Any], path: str) -> None:
    if "properties" in kept:
        kept.pop("additionalProperties", None)
        kept["properties"] = {
            name: _property(child, definitions, f"{path}.{name}")
            for name, child in kept["properties"].items()
        }
    if "items" in kept:
        kept["items"] = _structural(kept["items"], definitions, f"{path}.[]")
    if isinstance(kept.get("additionalProperties"), Mapping):
        kept["additionalProperties"] = _structural(
            kept["additionalProperties"], definitions, f"{path}.{{}}"
        )


def _property(
    child: Mapping[str, Any], definitions: Mapping[str, Any], path: str
) -> dict[str, Any]:
    """A nested object without a default of its own defaults to {}.

    Only so are the defaults inside it filled in, and CEL sees every field. One with
    rules has them written out, as spec has.
    """
    schema = _structural(child, definitions, path)
    if "$ref" in child and path.startswith("spec.") and "required" not in schema:
        inside = schema["properties"] if path in _RULES else {}
        schema["default"] = {
            name: field["default"]
            for name, field in inside.items()
            if "default" in field
        }
    return schema


if __name__ == "__main__":
    sys.stdout.write("# Generated by `make crd`; edit the models instead.\n")
    yaml.safe_dump(build_crd(), sys.stdout, sort_keys=False, width=88)
