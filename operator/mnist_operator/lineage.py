"""The record of a model: what made it, in three copies that can be compared.

``lineage.json`` inside the output commit is an in-toto Statement (v1) with an SLSA
provenance (v1) predicate. The commit's description is a compact JSON with the same
identity, and pachd's metadata map an index of flat keys. Everything here is pure.

Sources: https://in-toto.io/Statement/v1, https://slsa.dev/provenance/v1.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator import warm_start
from mnist_operator.commits import Commit
from mnist_operator.decisions import Decision, Entry
from mnist_operator.evidence import LINEAGE_FILE, Evidence
from mnist_operator.runs import canonical, digest

__all__ = [
    "BUILD_TYPE",
    "LINEAGE_FILE",
    "Model",
    "build_statement",
    "describe_model",
    "metadata_entries",
    "model_of",
    "publication_of",
    "read_model",
]

BUILD_TYPE = "https://mnist-operator.dev/training/v1"
_BUILDER = "https://mnist-operator.dev/operator"
_KIND = "mnist-operator/model"


def build_statement(evidence: Evidence) -> dict[str, Any]:
    """The in-toto Statement of one model."""
    attempt, facts = evidence.attempt, evidence.facts
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
                "internalParameters": {
                    **({"request": attempt["request"]} if "request" in attempt else {}),
                    **_beginning(evidence),
                    "attempt": attempt["attempt"],
                    "run": attempt["staging"],
                    "specSha256": attempt["specSha256"],
                    "effective": evidence.manifest.get("parameters") or {},
                    "previousModelCommit": evidence.previous,
                },
                "resolvedDependencies": _dependencies(evidence),
            },
            "runDetails": {
                "builder": {
                    "id": _BUILDER,
                    "version": {"mnist-operator": attempt["operatorVersion"]},
                },
                "metadata": _run_metadata(evidence),
                "byproducts": [
                    _annotated("metrics", evidence.manifest.get("metrics")),
                    _annotated("environment", evidence.manifest.get("environment")),
                    _annotated("pod", {k: facts.get(k, "") for k in _POD_FACTS}),
                ],
            },
        },
    }


def _beginning(evidence: Evidence) -> dict[str, Any]:
    """Where a run began that was to begin from a model: from none is said, too."""
    if not evidence.attempt["spec"]["trainer"].get(warm_start.PART):
        return {}
    offered = evidence.attempt.get(warm_start.PART) or {}
    told = {"offered": offered.get("commit", ""), "from": evidence.begins_from}
    return {warm_start.PART: told}


_POD_FACTS = ("tfjob", "tfjobUid", "pod", "node", "imageID")


def _run_metadata(evidence: Evidence) -> dict[str, Any]:
    facts, manifest = evidence.facts, evidence.manifest
    training = evidence.attempt["training"]
    return {
        "invocationId": f"{training['namespace']}/{facts['tfjob']}",
        "startedOn": manifest.get("startedAt") or facts["startedAt"],
        "finishedOn": manifest.get("finishedAt") or facts["endedAt"],
    }


def _annotated(name: str, facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """A resource descriptor that carries facts rather than a file."""
    return {"name": name, "annotations": dict(facts or {})}


def _dependencies(evidence: Evidence) -> list[dict[str, Any]]:
    place, manifest = evidence.attempt["spec"]["input"], evidence.manifest
    commit = evidence.attempt["input"]["commit"]
    repo = f"{place['project']}/{place['repo']}"
    data: dict[str, Any] = {
        "name": "input",
        "uri": f"pachyderm://{repo}@{commit}",
        "annotations": {
            "commit": commit,
            "repo": repo,
            "branch": place["branch"],
            "files": manifest.get("input") or [],
        },
    }
    if manifest.get("input"):
        data["digest"] = {"sha256": _data_digest(manifest)}
    dependencies = [data]
    if evidence.begins_from:
        offered = evidence.attempt[warm_start.PART]
        dependencies.append(warm_start.describe(offered, manifest))
    image = evidence.attempt["spec"]["trainer"]["image"]
    code: dict[str, Any] = {"name": "image", "uri": f"oci://{image}"}
    if evidence.image_digest:
        code["digest"] = {"sha256": evidence.image_digest}
    dependencies += [code, *_other_images(evidence, f"oci://{image}")]
    environment = manifest.get("environment") or {}
    if environment.get("sourceRevision"):
        revision = {"gitCommit": environment["sourceRevision"]}
        source: dict[str, Any] = {"name": "source", "digest": revision}
        if environment.get("sourceUrl"):
            source["uri"] = environment["sourceUrl"]
        dependencies.append(source)
    return dependencies


def _other_images(evidence: Evidence, uri: str) -> list[dict[str, Any]]:
    """Where the pods of a run did not all run the same: what the others ran."""
    others = filter(None, evidence.facts.get("otherImages", "").split(", "))
    return [
        {
            "name": "image",
            "uri": uri,
            "digest": {"sha256": other.rpartition("sha256:")[2]},
        }
        for other in others
    ]


def _data_digest(manifest: Mapping[str, Any]) -> str:
    """One digest over path and content of every file that was read."""
    pairs = [[item["path"], item["sha256"]] for item in manifest.get("input") or ()]
    return digest(sorted(pairs))


def describe_model(evidence: Evidence, *, statement_sha256: str = "") -> str:
    """The output commit's description: its identity, in a few hundred bytes.

    Opened without, finished with the digest of lineage.json, which names the parent
    commit and so can only be made when the commit is open.
    """
    attempt = evidence.attempt
    training, place = attempt["training"], attempt["spec"]["input"]
    value = {
        "kind": _KIND,
        "version": 1,
        "training": f"{training['namespace']}/{training['name']}",
        "inputRepo": f"{place['project']}/{place['repo']}",
        "inputBranch": place["branch"],
        "inputCommit": attempt["input"]["commit"],
        "request": attempt.get("request", ""),
        "run": attempt["staging"],
        "attempt": attempt["attempt"],
        "tfjob": evidence.facts["tfjob"],
        "image": attempt["spec"]["trainer"]["image"],
        "imageSha256": evidence.image_digest,
        "specSha256": attempt["specSha256"],
        "accuracy": evidence.accuracy,
        "warmStart": evidence.begins_from,
        "lineageSha256": statement_sha256,
    }
    return canonical({k: v for k, v in value.items() if v != ""}).decode()


def metadata_entries(evidence: Evidence, *, statement_sha256: str) -> dict[str, str]:
    """Flat keys for pachd's metadata map; an index, since anyone may edit it."""
    attempt, manifest = evidence.attempt, evidence.manifest
    place = attempt["spec"]["input"]
    model = "/" + attempt["spec"]["output"]["path"]
    environment = manifest.get("environment") or {}
    entries = {
        "input.commit": attempt["input"]["commit"],
        "input.repo": f"{place['project']}/{place['repo']}",
        "input.branch": place["branch"],
        "code.image": attempt["spec"]["trainer"]["image"],
        "code.imageDigest": evidence.image_digest,
        "code.gitCommit": str(environment.get("sourceRevision") or ""),
        "params.sha256": digest(attempt["spec"]["trainer"]["parameters"]),
        "data.sha256": _data_digest(manifest) if manifest.get("input") else "",
        "model.sha256": next(i.sha256 for i in evidence.files if i.path == model),
        "metrics.accuracy": evidence.accuracy,
        "warmStart.commit": evidence.begins_from,
        "run.commit": attempt["staging"],
        "run.tfjob": evidence.facts["tfjob"],
        "spec.sha256": attempt["specSha256"],
        "operator.version": attempt["operatorVersion"],
        "lineage.sha256": statement_sha256,
    }
    return {key: value for key, value in entries.items() if value}


@dataclass(frozen=True, slots=True)
class Model:
    """An output commit of ours, told by its description alone."""

    commit: str
    training: str
    input_repo: str
    input_branch: str
    input_commit: str
    run: str
    attempt: int
    tfjob: str
    image: str
    spec: str
    accuracy: str
    lineage_sha256: str
    request: str = ""

    @property
    def turn(self) -> tuple[str, str]:
        """What it was made for, as `runs.Attempt.turn` says it."""
        return self.request, "" if self.request else self.input_commit


def read_model(commit: Commit) -> Model | None:
    """Read an output commit's description; None when it is not one of ours."""
    try:
        value = json.loads(commit.description)
        if value["kind"] != _KIND:
            return None
        return Model(
            commit=commit.id,
            training=str(value["training"]),
            input_repo=str(value["inputRepo"]),
            input_branch=str(value["inputBranch"]),
            input_commit=str(value["inputCommit"]),
            run=str(value["run"]),
            attempt=int(value["attempt"]),
            tfjob=str(value["tfjob"]),
            image=str(value["image"]),
            spec=str(value["specSha256"]),
            accuracy=str(value.get("accuracy", "")),
            lineage_sha256=str(value.get("lineageSha256", "")),
            request=str(value.get("request", "")),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def model_of(commit: Commit, training: str) -> Model | None:
    """The same, for the commits of one training (namespace/name) alone."""
    model = read_model(commit)
    return model if model is not None and model.training == training else None


def publication_of(commit: Commit, model: Model) -> Entry:
    """The ledger's line that an output commit stands for."""
    return Entry(
        time=commit.finished or commit.started,
        decision=Decision.PUBLISHED,
        commit=model.input_commit,
        attempt=model.attempt,
        run=model.run,
        tfjob=model.tfjob,
        output=commit.id,
        accuracy=model.accuracy,
        spec=model.spec,
        request=model.request,
    )
