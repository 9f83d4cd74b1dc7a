"""How many pods train one model together, and in which roles.

Its workers are equals: each computes gradients on its share of every batch, and all
apply their sum. One of them is the chief, which alone evaluates and writes.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from mnist_operator.foreign import number, table
from mnist_operator.model import Model

__all__ = ["MAX_PODS", "NO_PODS", "NO_SERVERS", "Replicas", "count_pods", "roles_of"]

_MAX_WORKERS = 63
MAX_PODS = 1 + _MAX_WORKERS
NO_PODS = "must have at least one pod: chief or worker must not be 0"
NO_SERVERS = (
    "must be 0, so raise worker instead: this trainer adds up the gradients of equals,"
    " with parameter servers a model would depend on the order in which they arrive,"
    " and Keras 3 knows none"
)


class Replicas(Model):
    """Pods that train one model together, each with all of spec.trainer.resources.

    Their share of a batch is the whole one's, parameters.batchSize, divided by them.
    """

    chief: Annotated[int, Field(ge=0, le=1)] = Field(
        0,
        description="1: one pod more that trains, which also evaluates and writes."
        " 0: the first worker does that.",
    )
    worker: Annotated[int, Field(ge=0, le=_MAX_WORKERS)] = Field(
        1, description="Pods that train."
    )
    ps: Annotated[int, Field(ge=0, le=_MAX_WORKERS)] | None = Field(
        None, description="Parameter servers: 0, see below."
    )

    @model_validator(mode="after")
    def _can_work(self) -> "Replicas":
        if self.ps:
            raise ValueError(f"ps {NO_SERVERS}")
        if not self.pods:
            raise ValueError(NO_PODS)
        return self

    @property
    def pods(self) -> int:
        """How many there are in all."""
        return self.chief + self.worker

    def dump_run(self) -> dict[str, int]:
        """What decides how a run goes; empty for the one worker that is the default."""
        asked = {"chief": self.chief, "worker": self.worker}
        return {} if asked == {"chief": 0, "worker": 1} else asked


def roles_of(run: Mapping[str, Any]) -> dict[str, int]:
    """The replica types of the TFJob for a run's trainer, with how many of each.

    A type of which there is none is left out: its controller would make one all
    the same.
    """
    asked = run.get("replicas") or {"worker": 1}
    counts = {"Chief": asked.get("chief", 0), "Worker": asked.get("worker", 0)}
    return {role: count for role, count in counts.items() if count}


def count_pods(body: Mapping[str, Any]) -> int:
    """How many pods a TFJob is to have."""
    specs = table(table(body.get("spec")).get("tfReplicaSpecs"))
    wanted = [number(table(each).get("replicas")) or 1 for each in specs.values()]
    return max(sum(wanted), 1)
