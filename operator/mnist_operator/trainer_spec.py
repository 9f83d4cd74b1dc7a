"""The trainer's part of a MnistTraining: what runs on each commit, and in what pod."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator

from mnist_operator.labels import Annotations, Labels
from mnist_operator.model import Model, ObjectName, Quantity
from mnist_operator.pod_template import PodTemplate

__all__ = [
    "FLAG",
    "HIDDEN_FLAG",
    "RESERVED_ENV",
    "EnvSource",
    "EnvVar",
    "JobOverrides",
    "KeyRef",
    "Parameters",
    "Resources",
    "SchedulingPolicy",
    "Trainer",
]

RESERVED_ENV = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "INPUT_BUCKET",
        "MODEL_FILE",
        "OUTPUT_BUCKET",
        "S3_CA_FILE",
        "S3_ENDPOINT",
        "S3_USE_HTTPS",
        "TERMINATION_MESSAGE_PATH",
        "TF_CONFIG",
        "TRAINER_PARAMETERS",
        "TRAINING_DATA",
    }
)
"""Environment of the trainer that decides what is read and written."""


def _abbreviated(word: str) -> str:
    """A pattern for a word and all its beginnings: argparse takes those too."""
    pattern = ""
    for letter in reversed(word):
        pattern = f"{letter}({pattern})?" if pattern else letter
    return pattern


_WORDS = (
    "datadir",
    "inputbucket",
    "modelfile",
    "outputbucket",
    "parameters",
    "trainingdata",
)
"""Among their beginnings are the two others: --data and --output."""
FLAG = f"^(-[dimopt]|--({'|'.join(map(_abbreviated, _WORDS))})(=|$))"
"""A flag of the trainer that says what a variable of RESERVED_ENV says, or where it
works: -iX, --inputbucket=X, --inp."""
HIDDEN_FLAG = "^(-|--[^=]*)?[$][(]"
"""An argument of which Kubernetes puts in the part that names the flag."""


def _leaves_our_flags_alone(argument: str) -> str:
    if re.search(FLAG, argument):
        message = (
            "must not be a flag that the operator sets itself: say it in spec.input,"
            " spec.output or spec.trainer.parameters, or in variable DATA_DIR"
        )
        raise ValueError(message)
    if re.search(HIDDEN_FLAG, argument):
        message = "must not take its flag from a variable: write --flag=$(NAME)"
        raise ValueError(message)
    return argument


Argument = Annotated[
    str, Field(max_length=1024), AfterValidator(_leaves_our_flags_alone)
]


class Parameters(Model):
    """What the trainer may vary; what is left out is the trainer's own default."""

    epochs: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Passes over the training data."
    )
    batch_size: Annotated[int, Field(ge=1, le=65536)] | None = Field(
        None, description="Images in one step."
    )
    learning_rate: (
        Annotated[
            str, Field(max_length=24, pattern=r"^[0-9]*\.?[0-9]+([eE]-?[0-9]+)?$")
        ]
        | None
    ) = Field(None, description='Peak learning rate, a decimal string such as "0.02".')
    seed: Annotated[int, Field(ge=0, le=2147483647)] | None = Field(
        None,
        description="Seed of every random choice; left out, derived from the"
        " input commit.",
    )


class KeyRef(Model):
    """One key of a Secret or ConfigMap in the same namespace."""

    name: ObjectName = Field(description="The name of that object.")
    key: Annotated[str, Field(min_length=1, max_length=253)] = Field(
        description="The key in it."
    )
    optional: bool = Field(
        default=False, description="Start also without it; the variable is not set."
    )


class EnvSource(Model):
    """Where an environment variable's value comes from."""

    secret_key_ref: KeyRef | None = Field(None, description="A key of a Secret.")
    config_map_key_ref: KeyRef | None = Field(None, description="A key of a ConfigMap.")


class EnvVar(Model):
    """One more environment variable of the trainer."""

    name: Annotated[
        str, Field(min_length=1, max_length=128, pattern="^[A-Za-z_][A-Za-z0-9_]*$")
    ] = Field(description="The variable's name.")
    value: Annotated[str, Field(max_length=4096)] | None = Field(
        None, description="Its value."
    )
    value_from: EnvSource | None = Field(
        None, description="Where its value is, instead."
    )

    @field_validator("name")
    @classmethod
    def _leaves_ours_alone(cls, name: str) -> str:
        if name in RESERVED_ENV:
            message = "must not be a variable that the operator sets itself"
            raise ValueError(message)
        return name


class Resources(Model):
    """Compute resources of the trainer's container, as in a pod."""

    limits: Annotated[dict[str, Quantity], Field(max_length=16)] = Field(
        default_factory=dict, description="The most that it may use."
    )
    requests: Annotated[dict[str, Quantity], Field(max_length=16)] = Field(
        default_factory=dict, description="What a node must have free for it."
    )


class SchedulingPolicy(Model):
    """What gang schedulers read in a TFJob's runPolicy."""

    queue: ObjectName | None = Field(None, description="The scheduler's queue.")
    min_available: Annotated[int, Field(ge=0, le=1)] | None = Field(
        None, description="At most 1: a run has one pod."
    )
    priority_class: ObjectName | None = Field(
        None, description="The priority class of the pod group."
    )
    min_resources: Annotated[dict[str, Quantity], Field(max_length=16)] | None = Field(
        None, description="What must be free before the run is let go."
    )
    schedule_timeout_seconds: Annotated[int, Field(ge=0, le=2592000)] | None = Field(
        None, description="How long the scheduler may take."
    )


class JobOverrides(Model):
    """Additions to the TFJob itself, by which it is queued and found."""

    labels: Labels | None = Field(
        None, description="Such as kueue.x-k8s.io/queue-name; pods do not get them."
    )
    annotations: Annotations | None = Field(
        None, description="Pods do not get them either."
    )
    scheduling_policy: SchedulingPolicy | None = None


class Trainer(Model):
    """What runs on each commit."""

    image: Annotated[str, Field(max_length=512)] = Field(
        "",
        description="The trainer's image, best by digest. Empty: the operator's"
        " own setting TRAINER_IMAGE.",
    )
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = Field(
        "IfNotPresent", description="As in a pod."
    )
    parameters: Parameters = Field(default_factory=Parameters)
    args: Annotated[list[Argument], Field(max_length=32)] = Field(
        default_factory=list,
        description="More arguments for the image's entrypoint, after its own.",
    )
    env: Annotated[list[EnvVar], Field(max_length=64)] = Field(
        default_factory=list, description="More environment variables of the trainer."
    )
    resources: Resources = Field(default_factory=Resources)
    service_account_name: ObjectName | None = Field(
        None, description="Whom the pod acts as. Left out: the namespace's default."
    )
    template: PodTemplate | None = Field(
        None,
        description="Additions to the pod, as in a pod template: where it runs, and"
        " what runs beside the trainer.",
    )
    job: JobOverrides | None = Field(
        None, description="Additions to the TFJob; they do not change what is trained."
    )

    def dump_run(self, default_image: str) -> dict[str, Any]:
        """What decides how a run goes; of the newer fields, those that are used.

        So the digest of a spec that does without them is what it always was.
        """
        run = self.model_dump(
            by_alias=True, exclude={"job"}, exclude_none=True, mode="json"
        )
        template = run.get("template") or {}
        run["template"] = {part: said for part, said in template.items() if said}
        for name in ("args", "template"):
            if not run[name]:
                del run[name]
        return run | {"image": self.image or default_image}

    def dump_job(self) -> dict[str, Any]:
        """What is added to a run's TFJob."""
        job = self.job or JobOverrides()
        return job.model_dump(by_alias=True, exclude_none=True, mode="json")
