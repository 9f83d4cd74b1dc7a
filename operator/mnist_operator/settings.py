"""What the platform engineer sets, once for the whole operator.

Every field is an environment variable: the names of Pachyderm's endpoints are the
classic recipe's own, all others begin with MNIST_OPERATOR_.
"""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from mnist_operator import __version__

__all__ = ["Settings"]


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

    resync_seconds: float = Field(60.0, gt=0)
    """Longest time between two looks at a training that nothing wakes."""

    poll_seconds: float = Field(10.0, gt=0)
    """How often a followed branch's head is looked at besides the subscription."""

    health_port: int = Field(8080, ge=0, le=65535)
    """Port of /healthz; 0 turns it off."""

    log_format: str = Field("plain", pattern="^(plain|json)$")
    """plain for people, json for machines."""

    @property
    def served(self) -> list[str]:
        """The namespaces to serve, one by one; none means all of them."""
        return [each for each in self.namespaces.split(",") if each]
