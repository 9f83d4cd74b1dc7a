"""Checks the record of a model against the model, with Pachyderm's word alone.

Pure: the bytes that were read back go in, and every disagreement comes out as a
sentence. Nothing of the operator is imported, so that its mistakes are not repeated.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["LINEAGE", "MODEL", "Evidence", "find_faults", "read_description"]

LINEAGE = "/lineage.json"
MODEL = "/my_model.h5"
METRICS = "/metrics.json"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that Pachyderm knows of one model."""

    input_commit: str
    """The commit that was pushed."""
    input_sha256: str
    """Of the data file, read back from that commit."""
    description: str
    """Of the output commit."""
    files: Mapping[str, bytes]
    """All of the output commit's files."""


def read_description(text: str) -> dict[str, Any]:
    """A commit's description as an object; empty when it is not one of JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def find_faults(evidence: Evidence) -> list[str]:
    """Every sentence of the record that is not true; none when all of it is."""
    faults = _missing(evidence)
    if faults:
        return faults
    description = read_description(evidence.description)
    statement = json.loads(evidence.files[LINEAGE])
    return [
        *_check_description(evidence, description),
        *_check_input(evidence, statement),
        *_check_subjects(evidence, statement),
        *_check_accuracy(evidence, description),
    ]


def _missing(evidence: Evidence) -> list[str]:
    wanted = (MODEL, METRICS, LINEAGE)
    return [f"{path} is not there" for path in wanted if path not in evidence.files]


def _check_description(evidence: Evidence, description: Mapping[str, Any]) -> list[str]:
    faults = []
    if description.get("inputCommit") != evidence.input_commit:
        faults.append("the description names another input commit")
    if description.get("lineageSha256") != _sha256(evidence.files[LINEAGE]):
        faults.append("the description holds another digest of lineage.json")
    return faults


def _check_input(evidence: Evidence, statement: Mapping[str, Any]) -> list[str]:
    materials = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    found = next((item for item in materials if item["name"] == "input"), None)
    if found is None:
        return ["lineage.json names no input"]
    faults = []
    if not found["uri"].endswith(f"@{evidence.input_commit}"):
        faults.append("lineage.json names another input commit")
    if evidence.input_sha256 not in {
        item["sha256"] for item in found["annotations"]["files"]
    }:
        faults.append("lineage.json holds another digest of the training data")
    return faults


def _check_subjects(evidence: Evidence, statement: Mapping[str, Any]) -> list[str]:
    recorded = {
        f"/{item['name'].lstrip('/')}": item["digest"]["sha256"]
        for item in statement["subject"]
    }
    actual = {
        path: _sha256(content)
        for path, content in evidence.files.items()
        if path != LINEAGE
    }
    return [
        f"lineage.json and {path} do not agree"
        for path in sorted(recorded.keys() | actual)
        if recorded.get(path) != actual.get(path)
    ]


def _check_accuracy(evidence: Evidence, description: Mapping[str, Any]) -> list[str]:
    measured = json.loads(evidence.files[METRICS]).get("accuracy")
    recorded = description.get("accuracy")
    if measured is None or recorded != f"{measured:.4f}":
        return [f"the record says accuracy {recorded}, metrics.json {measured}"]
    return []


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
