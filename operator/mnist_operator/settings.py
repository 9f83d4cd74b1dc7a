"""What the platform engineer sets, once for the whole operator.

Every field is an environment variable: the names of Pachyderm's endpoints are the
classic recipe's own, all others begin with MNIST_OPERATOR_.
"""

from pathlib import Path
from typing import Self

from pydantic import (
    AliasChoices,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from mnist_operator import __version__
from mnist_operator.selectors import Selector, parse_selector

__all__ = ["SettingError", "Settings", "explain"]

_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_NAME = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"


class SettingError(Exception):
    """A setting that turned out to be of no use; the message names it."""


class Settings(BaseSettings):
    """Operator-wide defaults and periods; a MnistTraining overrides the endpoints."""

    model_config = SettingsConfigDict(
        env_prefix="MNIST_OPERATOR_", frozen=True, populate_by_name=True
    )

    pachd_address: str = Field(
        "pachd.pachyderm:30650",
        validation_alias=AliasChoices("pachd_address", "PACHD_ADDRESS"),
    )
    """pachd's gRPC address, host:port or grpc(s)://host:port."""

    s3_endpoint: str = Field(
        "pachd.pachyderm:30600",
        validation_alias=AliasChoices("s3_endpoint", "S3_ENDPOINT"),
    )
    """pachd's S3 gateway as pods reach it, host:port or http(s)://host:port."""

    trainer_image: str = Field(
        f"mnist-operator/trainer:{__version__}",
        validation_alias=AliasChoices("trainer_image", "TRAINER_IMAGE"),
    )
    """Image of trainings that name none."""

    kubeconfig: Path | None = Field(
        None, validation_alias=AliasChoices("kubeconfig", "KUBECONFIG")
    )
    """Outside a cluster: how to reach the API server."""

    namespaces: str = ""
    """Comma-separated namespaces to serve; empty: all of them."""

    scanning: bool = True
    """Notice new kinds and namespaces, which takes a ClusterRole; false: a Role will
    do, in each of the namespaces."""

    selector: str = ""
    """Label selector: the trainings to follow; empty: all of them. So that several
    operators share what one would be too small for."""

    resync_seconds: float = Field(60.0, gt=0)
    """How often all trainings and their TFJobs are listed, to find what no event has
    told; and the longest time between two looks at a training that is not settled."""

    full_resync_seconds: float = Field(10800.0, gt=0)
    """Time between two looks at a training that is settled and that nothing wakes,
    give or take a quarter."""

    poll_seconds: float = Field(10.0, gt=0)
    """How often a followed branch's head is looked at besides the subscription."""

    progress_seconds: float = Field(5.0, ge=0, le=3600)
    """Time between two readings of a running attempt's log for its progress in
    status.active[], and longer where many run; 0 turns it off."""

    pachd_calls: int = Field(64, ge=1, le=10000)
    """Most calls at the same time to one pachd with one token, without waits."""

    kubernetes_calls: int = Field(32, ge=1, le=10000)
    """Most calls at the same time to the API server, without watches."""

    looks: int = Field(64, ge=1, le=10000)
    """Most looks at the same time that nothing but time has caused."""

    health_port: int = Field(8080, ge=0, le=65535)
    """Port of /livez and /readyz; 0 turns it off."""

    metrics_port: int = Field(0, ge=0, le=65535)
    """Port of /metrics; 0 turns it off."""

    stuck_seconds: float = Field(1800.0, gt=0)
    """/livez fails when a training's loop is so long inside one look or one action.

    Publishing waits three times for pachd, up to 300 s each time, and reads and copies
    in between: less than 1,200 s would end what only takes its time.
    """

    lease_name: str = Field("", pattern=_NAME)
    """Work only with the Lease of this name in hand; empty: no standby is wanted."""

    lease_namespace: str = Field("", pattern=_NAME)
    """Where that Lease is; empty: in the pod's own namespace."""

    pod_name: str = Field("", validation_alias=AliasChoices("pod_name", "POD_NAME"))
    """Who holds it, for people; empty: the machine's name."""

    signing_key_file: Path | None = None
    """PEM file with the private key that signs every model's record: a mounted Secret.

    It is read at every publish, so it can be replaced; empty: nothing is signed.
    """

    log_format: str = Field("plain", pattern="^(plain|json)$")
    """plain for people, json for machines."""

    @property
    def served(self) -> list[str]:
        """The namespaces to serve, one by one; none means all of them."""
        return [each for each in self.namespaces.split(",") if each]

    @property
    def shard(self) -> Selector:
        """Which trainings are followed, by their labels."""
        return parse_selector(self.selector)

    @property
    def lease(self) -> tuple[str, str] | None:
        """Namespace and name of the Lease to work under, if any."""
        if not self.lease_name:
            return None
        return self.lease_namespace or _own_namespace(), self.lease_name

    @field_validator("selector")
    @classmethod
    def _is_selector(cls, text: str) -> str:
        return parse_selector(text).text

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if not self.scanning and not self.served:
            raise ValueError(
                "MNIST_OPERATOR_SCANNING is false, and MNIST_OPERATOR_NAMESPACES is"
                " empty: name the namespaces to serve, or let it scan, which takes a"
                " ClusterRole"
            )
        if self.lease and not self.lease[0]:
            raise ValueError(
                f"MNIST_OPERATOR_LEASE_NAME is {self.lease_name!r}, and"
                " MNIST_OPERATOR_LEASE_NAMESPACE is empty: name the Lease's namespace,"
                " since there is no pod here whose own it could be"
            )
        return self


def explain(error: ValidationError) -> list[str]:
    """What is wrong, a line for each variable: its name, why, and its value."""
    return [
        _say(_variable(str(each["loc"][0])), each["type"], each["msg"], each["input"])
        if each["loc"]
        else each["msg"].removeprefix("Value error, ")
        for each in error.errors()
    ]


def _say(variable: str, kind: str, told: str, value: object) -> str:
    """Pydantic's words; but of what is no number, what would be one."""
    examples = {"float_parsing": "a number", "int_parsing": "a whole number"}
    if kind not in examples:
        return f"{variable}: {told}, not {value!r}"
    seconds = " of seconds" if variable.endswith("_SECONDS") else ""
    wanted = f"{examples[kind]}{seconds} is needed, such as"
    return f"{variable} is {value!r}: {wanted} {300 if seconds else 64}"


def _variable(name: str) -> str:
    """The environment variable of a field."""
    field = Settings.model_fields.get(name)
    renamed = field is None or field.validation_alias is not None
    return name.upper() if renamed else f"MNIST_OPERATOR_{name}".upper()


def _own_namespace() -> str:
    """The pod's; empty where this is none."""
    try:
        return _NAMESPACE_FILE.read_text().strip()
    except OSError:
        return ""
