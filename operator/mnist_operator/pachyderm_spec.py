"""spec.pachyderm: where Pachyderm is, and who we are there. Pure."""

from typing import Annotated

from pydantic import Field

from mnist_operator.model import Model, ObjectName

__all__ = ["PachydermRef", "SecretRef"]


class SecretRef(Model):
    """A Secret in the namespace of the MnistTraining."""

    name: ObjectName = Field(description="The Secret's name.")


class PachydermRef(Model):
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
