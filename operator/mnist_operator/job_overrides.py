"""What a training adds to the TFJob itself; nothing of it changes what is trained."""

from typing import Annotated

from pydantic import Field

from mnist_operator.labels import Annotations, Labels
from mnist_operator.model import Model, ObjectName, Quantity
from mnist_operator.replicas import MAX_PODS

__all__ = ["JobOverrides", "SchedulingPolicy"]


class SchedulingPolicy(Model):
    """What gang schedulers read in a TFJob's runPolicy."""

    queue: ObjectName | None = Field(None, description="The scheduler's queue.")
    min_available: Annotated[int, Field(ge=0, le=MAX_PODS)] | None = Field(
        None, description="At most as many as spec.trainer.replicas has pods."
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
