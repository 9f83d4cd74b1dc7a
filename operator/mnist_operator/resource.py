"""The MnistTraining resource: the one source of its schema, defaults and bounds.

`crds/mnisttraining.yaml` is generated from these models (see `crd.py`), so a field
that is not here does not exist, and a default or a bound is written once.
Field names are camelCase in YAML and snake_case in Python; durations carry their
unit in the name; there are no floats.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from mnist_operator.data_gate_spec import DataGate
from mnist_operator.errors import InvalidSpecError
from mnist_operator.model import DOMAIN, Model
from mnist_operator.pachyderm_spec import PachydermRef
from mnist_operator.pfs_names import COMMIT_PATTERN, DataPath, PfsName, PfsPath
from mnist_operator.promotion_spec import PROMOTION_REQUESTED_AT, Promotion
from mnist_operator.trainer_spec import Trainer
from mnist_operator.trigger_spec import Trigger

__all__ = [
    "COMMIT_PATTERN",
    "DOMAIN",
    "GROUP",
    "KIND",
    "MAX_PARALLEL",
    "PLURAL",
    "REQUESTED_AT",
    "REQUESTED_COMMIT",
    "VERSION",
    "Attempts",
    "Input",
    "MnistTraining",
    "Output",
    "PachydermRef",
    "Spec",
    "bare_training",
    "parse_training",
]

GROUP = DOMAIN
VERSION = "v1alpha1"
KIND = "MnistTraining"
PLURAL = "mnisttrainings"

REQUESTED_AT = f"{DOMAIN}/requested-at"
REQUESTED_COMMIT = f"{DOMAIN}/requested-commit"
_REQUEST_LIMIT = 253
MAX_PARALLEL = 10
"""Most runs of one training at the same time: so many slots are looked at."""


class Input(Model):
    """Which commits to train on."""

    project: PfsName = Field("default", description="Pachyderm project of the repo.")
    repo: PfsName = Field("inputrepo", description="Repo that holds training data.")
    branch: PfsName = Field("master", description="Branch whose commits count.")
    path: DataPath = Field(
        "data/mnist.npz",
        description="The data in the commit: a numpy archive with x_train and y_train,"
        " and with x_test and y_test if it has a test split. Or a folder, such as"
        " data/: all .npz files below it, joined in the order of their names.",
    )


class Output(Model):
    """Where models go."""

    project: PfsName = Field("default", description="Pachyderm project of both repos.")
    repo: PfsName = Field("outputrepo", description="Repo that receives the models.")
    branch: PfsName = Field("master", description="Branch with one commit per model.")
    path: PfsPath = Field("my_model.h5", description="The model file in the commit.")
    run_repo: Annotated[str, Field(max_length=63, pattern="^[a-zA-Z0-9_-]*$")] = Field(
        "",
        description="Repo for raw output, logs and records of every attempt."
        " Empty: the output repo's name followed by _runs.",
    )
    # No default in the schema: an operator that does not know the field yet, or any
    # more, would refuse every MnistTraining while the two are exchanged.
    provenance: Literal["Native", "Metadata"] | None = Field(
        None,
        description="How a model's commit is bound to its input commit, beside the"
        " record. Native, also when left out: as Pachyderm's own provenance, which"
        " protects the input commit from being squashed or dropped; the token needs"
        " the right to create a branch in the input repo (repoWriter). Metadata: by"
        " the record alone; the input repo need only be read. It may be changed at any"
        " time.",
    )

    @property
    def is_native(self) -> bool:
        """Whether pachd itself is to know what each model was made of."""
        return self.provenance != "Metadata"

    def dump_run(self) -> dict[str, Any]:
        """What decides a run; how its model is published does not change that."""
        return self.model_dump(by_alias=True, mode="json", exclude={"provenance"})


class Attempts(Model):
    """How often one commit is tried before its failure is recorded."""

    limit: Annotated[int, Field(ge=1, le=20)] = Field(
        3, description="Attempts for one commit, the first one included."
    )
    retryable_exit_codes: Annotated[
        list[Annotated[int, Field(ge=1, le=255)]], Field(max_length=32)
    ] = Field(
        default_factory=list, description="Exit codes to retry besides 128 to 255."
    )
    backoff_seconds: Annotated[int, Field(ge=0, le=3600)] = Field(
        10,
        description="Wait before the second attempt; doubled for each further one, up"
        " to an hour, and lengthened by up to a quarter.",
    )


class Spec(Model):
    """What a team wants; `spec: {}` is enough."""

    pachyderm: PachydermRef = Field(default_factory=PachydermRef)
    input: Input = Field(default_factory=Input)
    output: Output = Field(default_factory=Output)
    trigger: Trigger = Field(default_factory=Trigger)
    concurrency_policy: Literal["Forbid", "Allow", "Replace"] = Field(
        "Forbid",
        description="What a commit does while another is trained. Forbid: it waits"
        " for its turn, none is lost. Allow: up to maxParallel are trained at once,"
        " and published in order all the same. Replace: the newest commit stops the"
        " run that is under way, which is recorded as superseded.",
    )
    max_parallel: Annotated[int, Field(ge=1, le=MAX_PARALLEL)] = Field(
        2, description="Most runs at the same time, with concurrencyPolicy Allow."
    )
    suspend: bool = Field(
        default=False,
        description="Start nothing new. What is under way goes on; commits wait.",
    )
    starting_deadline_seconds: Annotated[int, Field(ge=1, le=31536000)] | None = Field(
        None,
        description="A commit whose turn has not come so long after it was finished"
        " is recorded as expired, and not trained. Left out: none expires.",
    )
    data_gate: DataGate | None = Field(
        None,
        description="Compares the data of a commit, as spec.input.path names it, with"
        " that of the newest model's commit before it is trained. Left out, or without"
        " a limit: nothing is compared.",
    )
    trainer: Trainer = Field(default_factory=Trainer)
    # No default in the schema, for the same reason as output.provenance has none.
    promotion: Promotion | None = Field(
        None,
        description="Which models take the production branch. Left out: none does.",
    )
    attempts: Attempts = Field(default_factory=Attempts)
    active_deadline_seconds: Annotated[int, Field(ge=1, le=2592000)] = Field(
        3600,
        description="Longest time from a TFJob's creation, or from its release where"
        " it was suspended, to its end. Passing it is final.",
    )
    startup_deadline_seconds: Annotated[int, Field(ge=1, le=86400)] = Field(
        600,
        description="Longest time from there until all of its pods run. Passing it is"
        " tried again.",
    )
    stop_after_failures: Annotated[int, Field(ge=0, le=1000)] = Field(
        10,
        description="After so many commits in a row whose failure was recorded,"
        " start nothing more until the spec changes or a run is requested; the queue"
        " is kept. 0: never stop.",
    )
    on_spec_change: Literal["Nothing", "RetrainLatest"] = Field(
        "Nothing",
        description="What a change of the trainer does to commits that are decided."
        " Nothing: it counts from the next attempt on. RetrainLatest: the newest of"
        " them is trained once more.",
    )
    successful_runs_history_limit: Annotated[int, Field(ge=0, le=1000)] = Field(
        10,
        description="TFJobs to keep of runs that ended well, as many as status.history"
        " shows; the record of all of them stays in Pachyderm.",
    )
    failed_runs_history_limit: Annotated[int, Field(ge=0, le=1000)] = Field(
        10, description="TFJobs to keep of all other runs that ended."
    )
    deletion_policy: Literal["Cancel", "Orphan"] = Field(
        "Cancel",
        description="What becomes of a run under way when this is deleted. Cancel:"
        " its TFJob goes too. Orphan: it goes on, and who applies the same name again"
        " gets its model. Models and records always stay.",
    )

    @property
    def run_repo(self) -> str:
        """Name of the repo that holds the attempts."""
        return self.output.run_repo or f"{self.output.repo}_runs"

    @property
    def gate(self) -> Promotion | None:
        """The promotion, unless it is off."""
        promotion = self.promotion
        if promotion is None or promotion.held_out is None:
            return None
        return None if promotion.mode == "Off" else promotion


class MnistTraining(Model):
    """One MnistTraining as the API server holds it, reduced to what is needed."""

    namespace: str
    name: str
    uid: str
    generation: int = 0
    created: datetime | None = None
    annotations: Mapping[str, str] = Field(default_factory=dict)
    spec: Spec = Field(default_factory=Spec)
    status: dict[str, Any] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """The identity that outlives re-creation: namespace/name."""
        return f"{self.namespace}/{self.name}"

    @property
    def requested_at(self) -> str:
        """The request for a run by hand; whoever asks again gives another value."""
        return self.annotations.get(REQUESTED_AT, "")[:_REQUEST_LIMIT]

    @property
    def requested_commit(self) -> str:
        """The commit that the request is about; empty: the newest finished one."""
        return self.annotations.get(REQUESTED_COMMIT, "")

    @property
    def promotion_requested_at(self) -> str:
        """The request for a promotion or a rollback, as `requested_at` is for a run."""
        return self.annotations.get(PROMOTION_REQUESTED_AT, "")[:_REQUEST_LIMIT]


def parse_training(body: Mapping[str, Any]) -> MnistTraining:
    """Read a MnistTraining from the API server's JSON.

    Raises:
        InvalidSpecError: A field is unknown or out of bounds; the message names
            each field, its value and what is allowed.
    """
    try:
        spec = Spec.model_validate(body.get("spec") or {})
    except ValidationError as error:
        raise InvalidSpecError(_explain(error)) from error
    return bare_training(body, spec=spec)


def bare_training(body: Mapping[str, Any], spec: Spec | None = None) -> MnistTraining:
    """Identity and status alone: enough to say that the spec cannot be read."""
    meta = body["metadata"]
    return MnistTraining(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=meta.get("generation", 0),
        created=meta.get("creationTimestamp"),
        annotations=meta.get("annotations") or {},
        spec=spec or Spec(),
        status=body.get("status") or {},
    )


def _explain(error: ValidationError) -> str:
    """One line a field: spec.trainer.image: message (found: value)."""
    lines = (
        f"spec.{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
        f" (found: {item['input']!r:.80})"
        for item in error.errors()
    )
    return "; ".join(lines)
