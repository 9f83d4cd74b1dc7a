"""What is ordered for an attempt: the TFJob that follows from it and its spec. Pure."""

from datetime import datetime

from mnist_operator import places, runs
from mnist_operator.job_request import Endpoint, JobRequest
from mnist_operator.plan import Observed
from mnist_operator.runs import Attempt
from mnist_operator.spans import parent_of

__all__ = ["order_job"]


def order_job(
    observed: Observed,
    attempt: Attempt,
    endpoint: Endpoint,
    *,
    traced_at: datetime | None = None,
) -> JobRequest:
    """Everything that the TFJob of an attempt is made of.

    `traced_at`: the time, where somebody asks for traces.
    """
    training = observed.training
    return JobRequest(
        name=runs.job_name(training.name, attempt.staging),
        namespace=training.namespace,
        training=training.name,
        uid=training.uid,
        commit=attempt.commit,
        staging=attempt.staging,
        slot=places.slot_branch(training, attempt.slot).name,
        attempt=attempt.number,
        begins_from=attempt.begins_from,
        trial=attempt.trial,
        spec=observed.spec,
        run_repo=training.spec.run_repo,
        endpoint=endpoint,
        job=training.spec.trainer.dump_job(),
        traceparent="" if traced_at is None else parent_of(attempt),
        traced_at=traced_at,
        owned=training.spec.deletion_policy == "Cancel",
    )
