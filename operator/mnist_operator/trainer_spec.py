"""The trainer's part of a MnistTraining: what runs on each commit, and in what pod."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from mnist_operator.job_overrides import JobOverrides
from mnist_operator.model import Model, ObjectName, Quantity
from mnist_operator.pod_template import PodTemplate
from mnist_operator.replicas import Replicas
from mnist_operator.trainer_parameters import Parameters

__all__ = [
    "FLAG",
    "HIDDEN_FLAG",
    "OTHER_FLAG",
    "RESERVED_ENV",
    "EnvSource",
    "EnvVar",
    "KeyRef",
    "Parameters",
    "Resources",
    "Trainer",
]

RESERVED_ENV = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "CHAMPION_BUCKET",
        "CHAMPION_DATA",
        "CHAMPION_DATA_BUCKET",
        "CHAMPION_MODEL",
        "HELD_OUT_BUCKET",
        "HELD_OUT_DATA",
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
        "WARM_START_BUCKET",
        "WARM_START_FILE",
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
    "warm-start",
)
"""Among their beginnings are the two others: --data and --output."""
_PARAMETERS = tuple(name.replace("_", "-") for name in Parameters.model_fields)
"""The trainer has a flag for each; of these it takes no beginnings."""
_OTHER_WORDS = ("dry-run", "evaluate", "resume")
FLAG = f"^(-[dimopt]|--({'|'.join([*map(_abbreviated, _WORDS), *_PARAMETERS])})(=|$))"
"""A flag of the trainer that says what a variable of RESERVED_ENV says, all of it or a
single parameter, or where it works: -iX, --inputbucket=X, --inp, --epochs=3."""
OTHER_FLAG = f"^--({'|'.join(map(_abbreviated, _OTHER_WORDS))})(=|$)"
"""A flag with which the trainer does something else than one run from its beginning."""
HIDDEN_FLAG = "^(-|--[^=]*)?[$][(]"
"""An argument of which Kubernetes puts in the part that names the flag."""


def _leaves_our_flags_alone(argument: str) -> str:
    if re.search(FLAG, argument):
        message = (
            "must not be a flag that the operator sets itself: say it in spec.input,"
            " spec.output, spec.trainer.parameters or spec.trainer.warmStart, or in"
            " variable DATA_DIR"
        )
        raise ValueError(message)
    if re.search(OTHER_FLAG, argument):
        message = (
            "must not be a flag of the trainer at a terminal: --dry-run, --evaluate and"
            " --resume make no model here"
        )
        raise ValueError(message)
    if re.search(HIDDEN_FLAG, argument):
        message = "must not take its flag from a variable: write --flag=$(NAME)"
        raise ValueError(message)
    return argument


Argument = Annotated[
    str, Field(max_length=1024), AfterValidator(_leaves_our_flags_alone)
]


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
    warm_start: bool = Field(
        default=False,
        description="Begin from the newest model on the output branch, and not anew."
        " Each model then descends from those before it, and its record says so.",
    )
    args: Annotated[list[Argument], Field(max_length=32)] = Field(
        default_factory=list,
        description="More arguments for the image's entrypoint, after its own.",
    )
    env: Annotated[list[EnvVar], Field(max_length=64)] = Field(
        default_factory=list, description="More environment variables of the trainer."
    )
    replicas: Replicas | None = Field(
        None, description="Pods that train one model together. Left out: one worker."
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

    @field_validator("job")
    @classmethod
    def _waits_for_its_own_pods(
        cls, job: JobOverrides | None, info: ValidationInfo
    ) -> JobOverrides | None:
        pods = (info.data.get("replicas") or Replicas()).pods
        policy = job.scheduling_policy if job else None
        if policy and (policy.min_available or 0) > pods:
            told = f"schedulingPolicy.minAvailable must be at most {pods}, the pods of"
            raise ValueError(f"{told} spec.trainer.replicas")
        return job

    def dump_run(self, default_image: str) -> dict[str, Any]:
        """What decides how a run goes; of the newer fields, those that are used.

        So the digest of a spec that does without them is what it always was.
        """
        run = self.model_dump(
            by_alias=True, exclude={"job"}, exclude_none=True, mode="json"
        )
        template = run.get("template") or {}
        run["template"] = {part: said for part, said in template.items() if said}
        run["replicas"] = (self.replicas or Replicas()).dump_run()
        for name in ("args", "template", "warmStart", "replicas"):
            if not run[name]:
                del run[name]
        return run | {"image": self.image or default_image}

    def dump_job(self) -> dict[str, Any]:
        """What is added to a run's TFJob."""
        job = self.job or JobOverrides()
        return job.model_dump(by_alias=True, exclude_none=True, mode="json")
