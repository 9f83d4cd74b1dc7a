"""lineage.json: an in-toto Statement (v1) with an SLSA provenance (v1) predicate. Pure.

A key that is there is known; what is unknown is left out, so a trainer that says
nothing of itself has a valid record too. Whatever a trainer says is checked as far as
the two formats ask for a form: digests, times, revisions. docs/lineage.md has a table
of all keys, docs/lineage.schema.json their types; both are compared with this module.

Sources: https://in-toto.io/Statement/v1, https://slsa.dev/provenance/v1, and for what
a digest may be https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mnist_operator import gate_findings, warm_start
from mnist_operator.evidence import Evidence
from mnist_operator.materials import Descriptor, digest_data, list_materials
from mnist_operator.runs import manifest_file

__all__ = ["BUILD_TYPE", "RECORD_VERSION", "build_statement", "digest_data"]

BUILD_TYPE = "https://mnist-operator.dev/training/v1"
"""Another one would mean that keys are gone, or mean something else than before."""
RECORD_VERSION = 1
"""Counts what was added; keys are never renamed."""
_BUILDER = "https://mnist-operator.dev/operator"

_POD_FACTS = (
    "tfjob",
    "tfjobUid",
    "pod",
    "node",
    "imageID",
    "inputBucket",
    "startedAt",
    "endedAt",
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
"""A time as in-toto writes it: RFC 3339, in UTC."""


def build_statement(evidence: Evidence) -> dict[str, Any]:
    """The in-toto Statement of one model."""
    attempt = evidence.attempt
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": item.path.lstrip("/"), "digest": {"sha256": item.sha256}}
            for item in evidence.files
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "training": attempt["training"],
                    "spec": attempt["spec"],
                },
                "internalParameters": _internal(evidence),
                "resolvedDependencies": list(list_materials(evidence)),
            },
            "runDetails": {
                "builder": {
                    "id": _BUILDER,
                    "version": {"mnist-operator": attempt["operatorVersion"]},
                },
                "metadata": _run_metadata(evidence),
                "byproducts": list(_byproducts(evidence)),
            },
        },
    }


def _internal(evidence: Evidence) -> dict[str, Any]:
    """What the operator added to what it was asked, and what came of that."""
    attempt, effective = evidence.attempt, evidence.manifest.get("parameters")
    return {
        "recordVersion": RECORD_VERSION,
        **({"request": attempt["request"]} if "request" in attempt else {}),
        **_beginning(evidence),
        "attempt": attempt["attempt"],
        "run": attempt["staging"],
        "specSha256": attempt["specSha256"],
        **({"effective": effective} if effective else {}),
        "previousModelCommit": evidence.previous,
    }


def _beginning(evidence: Evidence) -> dict[str, Any]:
    """Where a run began that was to begin from a model: from none is said, too."""
    if not evidence.attempt["spec"]["trainer"].get(warm_start.PART):
        return {}
    offered = evidence.attempt.get(warm_start.PART) or {}
    told = {"offered": offered.get("commit", ""), "from": evidence.begins_from}
    return {warm_start.PART: told}


def _run_metadata(evidence: Evidence) -> dict[str, Any]:
    """Begin and end by the trainer's word, where it gives times, or else its pod's."""
    facts, manifest = evidence.facts, evidence.manifest
    training = evidence.attempt["training"]
    return {
        "invocationId": f"{training['namespace']}/{facts['tfjob']}",
        "startedOn": _moment(manifest.get("startedAt")) or facts["startedAt"],
        "finishedOn": _moment(manifest.get("finishedAt")) or facts["endedAt"],
    }


def _moment(value: Any) -> str:
    """A time in the one form that all readers take; empty for all others."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return ""
    try:
        datetime.fromisoformat(value)
    except ValueError:  # The 31st of June.
        return ""
    return value


def _byproducts(evidence: Evidence) -> Iterator[Descriptor]:
    """Facts about the run, and the file or commit in the run repo that has them."""
    output = evidence.attempt["spec"]["output"]
    repo = output["runRepo"] or f"{output['repo']}_runs"
    run = f"pachyderm://{output['project']}/{repo}@{evidence.attempt['staging']}"
    path = manifest_file(output["path"])
    told: Descriptor = {"uri": f"{run}:{path}"}
    for item in evidence.files:
        if item.path == path:
            told["digest"] = {"sha256": item.sha256}
    for name in ("metrics", "environment"):
        if facts := evidence.manifest.get(name):
            yield {"name": name, **told, "annotations": facts}
    known = {key: evidence.facts[key] for key in _POD_FACTS if evidence.facts.get(key)}
    yield {"name": "pod", "uri": run, "annotations": known}
    if found := evidence.attempt.get(gate_findings.PART):
        yield {"name": gate_findings.PART, "uri": run, "annotations": found}
