"""The identity of a run: what was asked, by whom, for which commit, how it ended.

An attempt is a staging commit in the run repo. Its description, written when the
commit is opened and completed when it is closed, is all that is needed to go on
after a crash; nothing but the operator can write it, and nothing can change it
later (a job that writes into the commit cannot reach its description).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mnist_operator import __version__, gate_findings, warm_start
from mnist_operator import trial as trials
from mnist_operator.commits import Commit
from mnist_operator.foreign import count, identity, plain, table
from mnist_operator.gate_findings import Finding, read_finding
from mnist_operator.resource import MnistTraining
from mnist_operator.trial import Trial, read_trial
from mnist_operator.verdicts import Outcome, Verdict, read_outcome

__all__ = [
    "ATTEMPT_FILE",
    "LOG_FILE",
    "OWN_FILES",
    "RECORD_FILE",
    "Attempt",
    "Outcome",
    "Verdict",
    "beside",
    "build_request",
    "canonical",
    "describe_attempt",
    "describe_outcome",
    "digest",
    "job_name",
    "manifest_file",
    "new_attempt",
    "read_attempt",
    "run_spec",
]

ATTEMPT_FILE = "/attempt.json"
"""In a staging commit: what the attempt was asked to do. Written by the operator."""
RECORD_FILE = "/record.json"
"""In a staging commit: how the attempt ended, and on which pod; for people."""
LOG_FILE = "/log.txt"
"""In a staging commit: the tail of the trainer's log."""
OWN_FILES = frozenset({ATTEMPT_FILE, RECORD_FILE, LOG_FILE})
"""Files that stay in the run repo; all others are published."""

_KIND = "mnist-operator/attempt"
_RUN_ID_DIGITS = 12
"""Of the staging commit's 32 in a TFJob's name: 48 bits tell attempts apart."""
_FACT_NAME_LIMIT = 64
_FACT_LIMIT = 16 * 1024  # 64 images, where no two pods ran the same.


@dataclass(frozen=True, slots=True)
class Attempt:
    """One staging commit, read back from Pachyderm."""

    staging: str
    training: str
    uid: str
    commit: str
    number: int
    digest: str
    opened: datetime
    generation: int = 0
    """Of the MnistTraining, when the attempt was opened."""
    operator: str = ""
    """Version of the operator that opened it."""
    request: str = ""
    """What asked for this run beside the commit itself: see `requests`."""
    slot: int = 0
    """Which of the training's slots it is in."""
    begins_from: str = ""
    """The model commit that it was told to begin from; empty: it begins anew."""
    gate: Finding | None = None
    """What spec.dataGate found before; None where it was not asked."""
    trial: Trial | None = None
    """What its model is compared on, and with; None: it is not."""
    closed: datetime | None = None
    finished: bool = False
    outcome: Outcome | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """Where and when it ran; here, since a job could change them in a file."""

    @property
    def is_open(self) -> bool:
        """Whether a job could still write to it."""
        return self.closed is None

    @property
    def turn(self) -> tuple[str, str]:
        """What it is for: a request, whatever its commit, or a commit in its turn."""
        return self.request, "" if self.request else self.commit


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal values give equal bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def digest(value: Any) -> str:
    """The sha256 of a value's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def run_spec(training: MnistTraining, *, default_image: str) -> dict[str, Any]:
    """Everything of the spec that decides what a run does and produces.

    Endpoints and secrets are left out: where Pachyderm is does not change a model.
    """
    spec = training.spec
    return {
        "input": spec.input.model_dump(by_alias=True, mode="json"),
        "output": spec.output.dump_run(),
        "trainer": spec.trainer.dump_run(default_image),
    }


def manifest_file(model_path: str) -> str:
    """In a staging commit: the trainer's own list of what it read and wrote.

    It lies beside the model, as all else that a trainer writes.
    """
    return beside(model_path, "run.json")


def beside(model_path: str, name: str) -> str:
    """The path of a file that a trainer writes beside its model."""
    folder, slash, _ = model_path.rpartition("/")
    return f"/{folder}{slash}{name}"


def job_name(training: str, staging: str) -> str:
    """The TFJob's name: one for each staging commit, so creating twice is once."""
    return f"{training}-{staging[:_RUN_ID_DIGITS]}"


def new_attempt(
    training: MnistTraining,
    commit: str,
    number: int,
    spec_digest: str,
    *,
    opened: datetime,
    request: str = "",
    slot: int = 0,
    begins_from: str = "",
    gate: Finding | None = None,
    trial: Trial | None = None,
) -> Attempt:
    """An attempt that is about to be opened: it has no staging commit yet."""
    return Attempt(
        staging="",
        training=training.key,
        uid=training.uid,
        commit=commit,
        number=number,
        digest=spec_digest,
        opened=opened,
        generation=training.generation,
        operator=__version__,
        request=request,
        slot=slot,
        begins_from=begins_from,
        gate=gate,
        trial=trial,
    )


def describe_attempt(attempt: Attempt) -> str:
    """The description that a staging commit is opened with."""
    return canonical(_identity(attempt)).decode()


def describe_outcome(
    attempt: Attempt, outcome: Outcome, facts: Mapping[str, str] | None = None
) -> str:
    """The description that a staging commit is closed with: the same, and the end."""
    value = _identity(attempt) | {"outcome": outcome.to_json(), "facts": facts or {}}
    return canonical(value).decode()


def _identity(attempt: Attempt) -> dict[str, Any]:
    """What is known when an attempt is opened, and never changes."""
    value: dict[str, Any] = {
        "kind": _KIND,
        "version": 1,
        "training": attempt.training,
        "uid": attempt.uid,
        "generation": attempt.generation,
        "inputCommit": attempt.commit,
        "attempt": attempt.number,
        "specSha256": attempt.digest,
        "operator": attempt.operator,
    }
    used = {
        "request": attempt.request,
        warm_start.PART: attempt.begins_from,
        trials.PART: attempt.trial.to_json() if attempt.trial else "",
    }
    known = {key: said for key, said in used.items() if said}
    return value | known | gate_findings.part(attempt.gate)


def build_request(attempt: Attempt, spec: Mapping[str, Any]) -> dict[str, Any]:
    """attempt.json: all of it follows from the description and the spec it names."""
    namespace, _, name = attempt.training.partition("/")
    place = spec["input"]
    asked: dict[str, Any] = {"request": attempt.request} if attempt.request else {}
    if attempt.begins_from:
        asked[warm_start.PART] = warm_start.offer(spec["output"], attempt.begins_from)
    asked |= gate_findings.part(attempt.gate)
    if attempt.trial is not None:
        asked[trials.PART] = attempt.trial.to_json()
    return asked | {
        "version": 1,
        "staging": attempt.staging,
        "training": {
            "namespace": namespace,
            "name": name,
            "uid": attempt.uid,
            "generation": attempt.generation,
        },
        "input": {
            "project": place["project"],
            "repo": place["repo"],
            "branch": place["branch"],
            "commit": attempt.commit,
        },
        "attempt": attempt.number,
        "spec": spec,
        "specSha256": attempt.digest,
        "operatorVersion": attempt.operator,
    }


def read_attempt(commit: Commit) -> Attempt | None:
    """Read a staging commit back; None when it is not one of ours.

    One that somebody else closed has no outcome of ours: a failure to try again.
    """
    try:
        value = json.loads(commit.description)
        if value["kind"] != _KIND:
            return None
        attempt = Attempt(
            staging=commit.id,
            training=identity(value["training"]),
            uid=identity(value["uid"]),
            commit=identity(value["inputCommit"]),
            number=count(value["attempt"]),
            digest=identity(value["specSha256"]),
            opened=commit.started,
            generation=count(value.get("generation", 0)),
            operator=identity(value.get("operator", "")),
            request=identity(value.get("request", "")),
            begins_from=identity(value.get(warm_start.PART, "")),
            gate=read_finding(value.get(gate_findings.PART)),
            trial=read_trial(value.get(trials.PART)),
            closed=commit.finishing or commit.finished,
            finished=commit.finished is not None,
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    if attempt.is_open:
        return attempt
    said = table(value.get("facts")).items()
    facts = {plain(k, _FACT_NAME_LIMIT): plain(str(v), _FACT_LIMIT) for k, v in said}
    return replace(attempt, outcome=read_outcome(value.get("outcome")), facts=facts)
