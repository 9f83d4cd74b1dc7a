"""What a TFJob is made of: one attempt, the spec that it began with, and the places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mnist_operator.trial import Trial

__all__ = ["Endpoint", "JobRequest"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The S3 gateway, as the trainer reaches it."""

    host: str
    https: bool = False
    secret: str = ""
    """Secret with the token or the CA; empty where there is none."""
    token_key: str = ""
    """The token's key in the Secret; empty with authentication off."""
    has_ca: bool = False


@dataclass(frozen=True, slots=True)
class JobRequest:
    """Everything that a TFJob is made of."""

    name: str
    namespace: str
    training: str
    uid: str
    commit: str
    staging: str
    slot: str
    attempt: int
    spec: Mapping[str, Any]
    """As `runs.run_spec` made it when the attempt was opened."""
    run_repo: str
    endpoint: Endpoint
    job: Mapping[str, Any] = field(default_factory=dict)
    """What is added to the TFJob itself, as the training says now."""
    begins_from: str = ""
    """The model commit that it begins from; empty: it begins anew."""
    trial: Trial | None = None
    """What its model is compared on, and with; None: it is not."""
    traceparent: str = ""
    """The span that its pods work in; empty: nobody asks for traces."""
    traced_at: datetime | None = None
    """When it is created, to be written down for its spans; None as above."""
    owned: bool = True
    """Whether the TFJob goes when its MnistTraining goes."""
