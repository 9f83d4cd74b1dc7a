"""The MnistTraining resource: the one source of its schema, defaults and bounds.

`crds/mnisttraining.yaml` is generated from these models (see `crd.py`), so a field
that is not here does not exist, and a default or a bound is written once.
Field names are camelCase in YAML and snake_case in Python; durations carry their
unit in the name; there are no floats.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    field_validator,
)
from pydantic.alias_generators import to_camel

from mnist_operator.errors import InvalidSpecError

__all__ = [
    "DOMAIN",
    "GROUP",
    "KIND",
    "PLURAL",
    "RESERVED_ENV",
    "VERSION",
    "Attempts",
    "EnvVar",
    "Input",
    "MnistTraining",
    "Output",
    "PachydermRef",
    "Parameters",
    "Resources",
    "Spec",
    "Trainer",
    "Trigger",
    "bare_training",
    "parse_training",
]

DOMAIN = "mnist-operator.dev"
GROUP = DOMAIN
VERSION = "v1alpha1"
KIND = "MnistTraining"
PLURAL = "mnisttrainings"

COMMIT_PATTERN = "^[0-9a-f]{32}$"
_NAME_PATTERN = "^[a-zA-Z0-9_-]+$"
"""What pachd accepts for a repo, branch or project."""
_PATH_PATTERN = "^[A-Za-z0-9_+-][A-Za-z0-9._+-]*(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*$"
"""A relative ASCII path: pachd's S3 gateway refuses every other character."""

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

PfsName = Annotated[str, Field(min_length=1, max_length=63, pattern=_NAME_PATTERN)]
PfsPath = Annotated[str, Field(min_length=1, max_length=255, pattern=_PATH_PATTERN)]
_QUANTITY_PATTERN = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"


def _as_text(value: Any) -> Any:
    """Pods take `cpu: 2` as well as `cpu: "2"`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole else value


Quantity = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(min_length=1, max_length=32, pattern=_QUANTITY_PATTERN),
    WithJsonSchema(
        {
            "x-kubernetes-int-or-string": True,
            "minLength": 1,
            "maxLength": 32,
            "pattern": _QUANTITY_PATTERN,
        }
    ),
]


class _Model(BaseModel):
    """Camel-case in YAML; unknown fields are errors, never ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
    )


class SecretRef(_Model):
    """A Secret in the namespace of the MnistTraining."""

    name: Annotated[str, Field(min_length=1, max_length=253)]


class PachydermRef(_Model):
    """Where Pachyderm is, and who we are there."""

    address: Annotated[str, Field(max_length=255)] = Field(
        "",
        description="pachd's gRPC address, host:port or grpc(s)://host:port."
        " Empty: the operator's own setting PACHD_ADDRESS.",
    )
    s3_endpoint: Annotated[str, Field(max_length=255)] = Field(
        "",
        description="pachd's S3 gateway, host:port or http(s)://host:port."
        " Empty: the operator's own setting S3_ENDPOINT.",
    )
    secret_ref: SecretRef | None = Field(
        None,
        description="A Secret with key token (a Pachyderm token), and where"
        " needed trainer-token (a lesser one for the trainer's pod) and ca.crt.",
    )


class Input(_Model):
    """Which commits to train on."""

    project: PfsName = Field("default", description="Pachyderm project of the repo.")
    repo: PfsName = Field("inputrepo", description="Repo that holds training data.")
    branch: PfsName = Field("master", description="Branch whose commits are trained.")
    path: PfsPath = Field("data/mnist.npz", description="The data file in the commit.")


class Output(_Model):
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


class Trigger(_Model):
    """When to train."""

    start_from: Annotated[
        str, Field(pattern="^(Latest|Next|Earliest|[0-9a-f]{32})$", max_length=32)
    ] = Field(
        "Latest",
        description="Where to begin. Latest: the branch's head as first"
        " found, and all after it. Next: only what comes after that head. Earliest:"
        " the branch's whole history. Or the ID of the first commit to train.",
    )


class Parameters(_Model):
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


class KeyRef(_Model):
    """One key of a Secret or ConfigMap in the same namespace."""

    name: Annotated[str, Field(min_length=1, max_length=253)]
    key: Annotated[str, Field(min_length=1, max_length=253)]
    optional: bool = False


class EnvSource(_Model):
    """Where an environment variable's value comes from."""

    secret_key_ref: KeyRef | None = None
    config_map_key_ref: KeyRef | None = None


class EnvVar(_Model):
    """One more environment variable of the trainer."""

    name: Annotated[
        str, Field(min_length=1, max_length=128, pattern="^[A-Za-z_][A-Za-z0-9_]*$")
    ]
    value: Annotated[str, Field(max_length=4096)] | None = None
    value_from: EnvSource | None = None

    @field_validator("name")
    @classmethod
    def _leaves_ours_alone(cls, name: str) -> str:
        if name in RESERVED_ENV:
            message = "must not be a variable that the operator sets itself"
            raise ValueError(message)
        return name


class Resources(_Model):
    """Compute resources of the trainer's container, as in a pod."""

    limits: Annotated[dict[str, Quantity], Field(max_length=16)] = Field(
        default_factory=dict
    )
    requests: Annotated[dict[str, Quantity], Field(max_length=16)] = Field(
        default_factory=dict
    )


class Trainer(_Model):
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
    env: Annotated[list[EnvVar], Field(max_length=64)] = Field(default_factory=list)
    resources: Resources = Field(default_factory=Resources)


class Attempts(_Model):
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
        10, description="Wait before the second attempt; doubled for each further one."
    )


class Spec(_Model):
    """What a team wants; `spec: {}` is the classic recipe."""

    pachyderm: PachydermRef = Field(default_factory=PachydermRef)
    input: Input = Field(default_factory=Input)
    output: Output = Field(default_factory=Output)
    trigger: Trigger = Field(default_factory=Trigger)
    suspend: bool = Field(
        default=False, description="Start nothing new. Commits wait, none is lost."
    )
    trainer: Trainer = Field(default_factory=Trainer)
    attempts: Attempts = Field(default_factory=Attempts)
    active_deadline_seconds: Annotated[int, Field(ge=1, le=2592000)] = Field(
        3600, description="Longest time from an attempt's start to its end."
    )
    startup_deadline_seconds: Annotated[int, Field(ge=1, le=86400)] = Field(
        600, description="Longest time from the TFJob's creation to a running pod."
    )

    @property
    def run_repo(self) -> str:
        """Name of the repo that holds the attempts."""
        return self.output.run_repo or f"{self.output.repo}_runs"


class MnistTraining(_Model):
    """One MnistTraining as the API server holds it, reduced to what is needed."""

    namespace: str
    name: str
    uid: str
    generation: int = 0
    spec: Spec = Field(default_factory=Spec)
    status: dict[str, Any] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """The identity that outlives re-creation: namespace/name."""
        return f"{self.namespace}/{self.name}"


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
    return bare_training(body).model_copy(update={"spec": spec})


def bare_training(body: Mapping[str, Any]) -> MnistTraining:
    """Identity and status alone: enough to say that the spec cannot be read."""
    meta = body["metadata"]
    return MnistTraining(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=meta.get("generation", 0),
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
