"""The run that makes a model again: its staging commit, and its TFJob. Pure.

It lies in the run repo, on a branch of its own, and is no attempt of the operator's:
neither its description nor its TFJob's labels are such that the operator would see,
judge or delete it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from mnist_operator import __version__, runs
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.reproduce.recipes import Recipe
from mnist_operator.cli.statements import dig, read_object
from mnist_operator.commits import Commit
from mnist_operator.labels import OWN_LABEL
from mnist_operator.resource import DOMAIN
from mnist_operator.status import timestamp
from mnist_operator.tfjob import (
    CONTAINER,
    TRAINING_LABEL,
    Endpoint,
    Job,
    JobRequest,
    build_tfjob,
)

__all__ = [
    "OWN_FILES",
    "PLAN_FILE",
    "REPRODUCTION_LABEL",
    "Run",
    "build_job",
    "describe",
    "describe_end",
    "facts_of",
    "find_endpoint",
    "make_endpoint",
    "read_run",
]

PLAN_FILE = "/reproduction.json"
"""In the staging commit: what is run, and which model it is to be."""
OWN_FILES = frozenset({PLAN_FILE, runs.LOG_FILE})
"""Files that the trainer did not write."""
REPRODUCTION_LABEL = f"{DOMAIN}/reproduction"
"""Of a TFJob and its pods: the model commit that is made again."""

_KIND = "mnist-operator/reproduction"
_ATTEMPT_LABEL = f"{DOMAIN}/attempt"
_TOKENS, _CA = ("trainer-token", "token"), "ca.crt"


@dataclass(frozen=True, slots=True)
class Run:
    """One reproduction, by its staging commit."""

    staging: str
    identity: str
    """Of the model, see `Recipe.identity`."""
    model: str
    namespace: str
    """Where its TFJob is."""
    tfjob: str
    image: str
    finished: bool = False
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """How it ended; empty as long as it is open, and where somebody else closed it."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Where and when it ran."""

    @property
    def succeeded(self) -> bool:
        """Whether it ended well."""
        return self.outcome.get("verdict") == runs.Verdict.SUCCEEDED


def describe(recipe: Recipe, namespace: str) -> str:
    """The description that its staging commit is opened with."""
    return runs.canonical(_identity(recipe, namespace)).decode()


def describe_end(
    recipe: Recipe, namespace: str, outcome: runs.Outcome, facts: Mapping[str, str]
) -> str:
    """The description that its staging commit is closed with: the same, and the end."""
    end = {"outcome": outcome.to_json(), "facts": dict(facts)}
    return runs.canonical(_identity(recipe, namespace) | end).decode()


def _identity(recipe: Recipe, namespace: str) -> dict[str, Any]:
    return {
        "kind": _KIND,
        "version": 1,
        "model": recipe.model,
        "lineageSha256": recipe.identity,
        "training": f"{recipe.namespace}/{recipe.name}",
        "inputCommit": recipe.input_commit,
        "image": recipe.image,
        "namespace": namespace,
        "mnistctl": __version__,
    }


def read_run(commit: Commit) -> Run | None:
    """Read a staging commit back; None when it is no reproduction."""
    value = read_object(commit.description) or {}
    if value.get("kind") != _KIND:
        return None
    name = str(value.get("training")).rpartition("/")[2]
    return Run(
        staging=commit.id,
        identity=str(value.get("lineageSha256")),
        model=str(value.get("model")),
        namespace=str(value.get("namespace")),
        tfjob=runs.job_name(name, commit.id),
        image=str(value.get("image")),
        finished=commit.finishing is not None or commit.finished is not None,
        outcome=dig(value, "outcome") or {},
        facts=dig(value, "facts") or {},
    )


def facts_of(job: Job, now: datetime) -> dict[str, str]:
    """Where and when it ran, of a TFJob that has come to its end."""
    return {
        "tfjobUid": job.uid,
        "pod": job.pod,
        "node": job.node,
        "imageID": job.image_id,
        "otherImages": job.other_images,
        "inputBucket": job.source,
        "startedAt": timestamp(job.started or job.created),
        "endedAt": timestamp(job.ended or now),
    }


def build_job(
    recipe: Recipe, run: Run, endpoint: Endpoint, job: Mapping[str, Any]
) -> dict[str, Any]:
    """The TFJob, as the operator would make it, but for whom it belongs to.

    Args:
        recipe: what to run.
        run: the staging commit to write to.
        endpoint: the S3 gateway, as the pod reaches it.
        job: what the MnistTraining adds to its TFJobs today, such as a queue's name.

    """
    body = build_tfjob(
        JobRequest(
            name=run.tfjob,
            namespace=run.namespace,
            training=recipe.name,
            uid="",
            commit=recipe.input_commit,
            staging=run.staging,
            slot=recipe.run_branch.name,
            attempt=1,
            spec=recipe.spec,
            run_repo=recipe.run_branch.repo.name,
            endpoint=endpoint,
            job=job,
            begins_from=recipe.begins_from,
            owned=False,
        )
    )
    metas = [body["metadata"]]
    metas += [
        each["template"]["metadata"] for each in body["spec"]["tfReplicaSpecs"].values()
    ]
    for meta in metas:
        meta["labels"] = _relabel(meta["labels"], recipe.label)
    return body


def _relabel(labels: Mapping[str, str], model: str) -> dict[str, str]:
    """Without what the operator finds its own by: it would delete the TFJob."""
    kept = {
        key: value
        for key, value in labels.items()
        if key not in {TRAINING_LABEL, _ATTEMPT_LABEL}
    }
    return kept | {OWN_LABEL: "mnistctl", REPRODUCTION_LABEL: model}


def find_endpoint(jobs: Sequence[Mapping[str, Any]]) -> str:
    """Where the newest of these TFJobs reaches the S3 gateway; empty if none does."""
    newest = sorted(
        jobs, key=lambda job: str(dig(job, "metadata", "creationTimestamp"))
    )
    for job in reversed(newest):
        told = _variables(job)
        if host := told.get("S3_ENDPOINT"):
            secure = told.get("S3_USE_HTTPS") == "1"
            return f"{'https' if secure else 'http'}://{host}"
    return ""


def _variables(job: Mapping[str, Any]) -> dict[str, Any]:
    """The plain variables of a TFJob's trainer."""
    found: dict[str, Any] = {}
    for replicas in (dig(job, "spec", "tfReplicaSpecs") or {}).values():
        for container in dig(replicas, "template", "spec", "containers") or ():
            if container.get("name") == CONTAINER:
                env = container.get("env") or ()
                found |= {each["name"]: each.get("value") for each in env}
    return found


def make_endpoint(address: str, secret: str, keys: Collection[str]) -> Endpoint:
    """The S3 gateway for a pod.

    Args:
        address: host:port, or http(s)://host:port.
        secret: the Secret with a token or a CA; empty for none.
        keys: which keys that Secret has.

    Raises:
        NoAnswerError: The address cannot be used.

    """
    scheme, separator, _ = address.partition("://")
    host = urlsplit(address if separator else f"//{address}").netloc
    if not host or "@" in host or (separator and scheme not in {"http", "https"}):
        shown = address.rpartition("@")[2]  # Before it may stand a password.
        raise NoAnswerError(
            f"--s3-endpoint {shown!r} cannot be used: write host:port or"
            " http(s)://host:port, as a pod reaches it"
        )
    return Endpoint(
        host=host,
        https=scheme == "https" if separator else _CA in keys,
        secret=secret,
        token_key=next((key for key in _TOKENS if key in keys), ""),
        has_ca=_CA in keys,
    )
