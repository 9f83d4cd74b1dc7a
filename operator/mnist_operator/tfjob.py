"""TFJobs in and out: build the object to create, read the one that came back.

Both directions are pure. The rules that they rest on (what is terminal, what
never starts, which labels reach the pods) were seen on training-operator 1.9.4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mnist_operator.errors import UpstreamError
from mnist_operator.foreign import moment, rows, table, word
from mnist_operator.job_request import Endpoint, JobRequest
from mnist_operator.labels import OWN_LABEL
from mnist_operator.peers import Peers, read_peers
from mnist_operator.pod_template import CONTAINER
from mnist_operator.pods import build_template
from mnist_operator.replicas import count_pods, roles_of
from mnist_operator.resource import DOMAIN, GROUP, KIND, VERSION

__all__ = [
    "CONTAINER",
    "RUN_LABEL",
    "TFJOB_GROUP",
    "TFJOB_PLURAL",
    "TFJOB_VERSION",
    "TRAINING_LABEL",
    "Endpoint",
    "Job",
    "JobPhase",
    "JobRequest",
    "build_tfjob",
    "owner_of",
    "read_job",
]

TFJOB_GROUP = "kubeflow.org"
TFJOB_VERSION = "v1"
TFJOB_PLURAL = "tfjobs"

TRAINING_LABEL = f"{DOMAIN}/training"
COMMIT_LABEL = f"{DOMAIN}/input-commit"
RUN_LABEL = f"{DOMAIN}/run"
ATTEMPT_LABEL = f"{DOMAIN}/attempt"
CREATED_ANNOTATION = f"{DOMAIN}/created-at"
"""For its spans: Kubernetes' own creationTimestamp is a whole second."""


class JobPhase(StrEnum):
    """Where a TFJob stands."""

    CREATED = "Created"
    """Not all of its pods have run yet."""
    SUSPENDED = "Suspended"
    """Kueue, or whoever set runPolicy.suspend, lets it wait: it has no pods."""
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


_ENDS = frozenset({JobPhase.SUCCEEDED, JobPhase.FAILED})


@dataclass(frozen=True, slots=True)
class Job:
    """A TFJob and the pod that speaks for it, reduced to what decisions need."""

    name: str
    uid: str
    owner_uid: str
    staging: str
    phase: JobPhase
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    """When it came to its end, in the API server's words: the same for every reader."""
    traced: datetime | None = None
    """When it was created, to the microsecond; None where nobody asked for traces."""
    admitted: datetime | None = None
    """When it was let go on after a suspension: its deadlines count from here."""
    deleting: bool = False
    message: str = ""
    """Why it waits or failed, in Kubernetes' own words."""
    exit_code: int | None = None
    last_words: str = ""
    image_id: str = ""
    pod: str = ""
    node: str = ""
    source: str = ""
    """The bucket that its pods read: whoever edits a TFJob may have named another."""
    other_images: str = ""
    """Images that ran beside `image_id`, where its pods did not all run the same."""
    pods: int = 1
    """How many it is to have."""
    pods_there: int = 0
    """How many of them exist."""

    @property
    def is_terminal(self) -> bool:
        """Whether it has come to an end, good or bad."""
        return self.phase in _ENDS

    @property
    def is_silent(self) -> bool:
        """Whether it does not run, and neither it nor a pod of it says why."""
        return self.phase is JobPhase.CREATED and not self.message


def build_tfjob(request: JobRequest) -> dict[str, Any]:
    """The TFJob of one attempt, pinned to one commit on either side.

    `runPolicy.suspend` is left alone: whoever queues the job, such as Kueue, owns it.
    """
    labels = {
        TRAINING_LABEL: request.training,
        COMMIT_LABEL: request.commit,
        RUN_LABEL: request.staging,
        ATTEMPT_LABEL: str(request.attempt),
        OWN_LABEL: "mnist-operator",
    }
    # With the default, None, a TFJob that failed leaves its pod running.
    run_policy: dict[str, Any] = {"cleanPodPolicy": "Running"}
    if request.job.get("schedulingPolicy"):
        run_policy["schedulingPolicy"] = request.job["schedulingPolicy"]
    return {
        "apiVersion": f"{TFJOB_GROUP}/{TFJOB_VERSION}",
        "kind": "TFJob",
        "metadata": _metadata(request, labels),
        "spec": {
            "runPolicy": run_policy,
            "tfReplicaSpecs": {
                role: {
                    "replicas": count,
                    # A new attempt is a new TFJob with a staging commit of its own.
                    "restartPolicy": "Never",
                    # The controller does not copy a TFJob's labels to its pods.
                    "template": build_template(request, labels),
                }
                for role, count in roles_of(request.spec["trainer"]).items()
            },
        },
    }


def _metadata(request: JobRequest, labels: Mapping[str, str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": request.name,
        "namespace": request.namespace,
        "labels": {**(request.job.get("labels") or {}), **labels},
    }
    annotations = dict(request.job.get("annotations") or {})
    if request.traced_at is not None:
        annotations[CREATED_ANNOTATION] = request.traced_at.isoformat()
    if annotations:
        metadata["annotations"] = annotations
    if request.owned:
        metadata["ownerReferences"] = [owner_of(request.training, request.uid)]
    return metadata


def owner_of(name: str, uid: str) -> dict[str, Any]:
    """The owner reference with which a TFJob goes with its MnistTraining."""
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "name": name,
        "uid": uid,
        "controller": True,
    }


def read_job(body: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> Job:
    """Read a TFJob, with what its pods add to it.

    Terminal only by a condition of type Succeeded or Failed with status True; when
    both are, Failed wins. Whoever may write TFJobs may write nonsense into one: what
    cannot be read is taken for what is not there.

    Raises an UpstreamError for one without a name and a time, which no server has.
    """
    meta = table(body.get("metadata"))
    name, created = word(meta.get("name")), moment(meta.get("creationTimestamp"))
    if not name or created is None:
        detail = f"TFJob {name!r} came without its name or creationTimestamp"
        raise UpstreamError("kubernetes", "GET tfjobs", detail)
    conditions = rows(table(body.get("status")).get("conditions"))
    held = {word(e.get("type")): e for e in conditions if e.get("status") == "True"}
    owners = rows(meta.get("ownerReferences")) or [{}]
    wanted = count_pods(body)
    succeeded = "Succeeded" in held and "Failed" not in held
    peers = read_peers(pods, wanted=wanted, succeeded=succeeded)
    speaker = peers.speaker
    run_policy = table(table(body.get("spec")).get("runPolicy"))
    phase = _phase(held, peers, suspended=bool(run_policy.get("suspend")))
    over = phase in _ENDS
    since = held[phase.value].get("lastTransitionTime") if over else None
    return Job(
        name=name,
        uid=word(meta.get("uid")),
        owner_uid=word(owners[0].get("uid")),
        staging=word(table(meta.get("labels")).get(RUN_LABEL)),
        phase=phase,
        created=created,
        # Once it is over, those that have not ended are taken away.
        started=peers.started if over or peers.all_started else None,
        ended=moment(since),
        traced=moment(table(meta.get("annotations")).get(CREATED_ANNOTATION)),
        admitted=_admitted(conditions),
        deleting="deletionTimestamp" in meta,
        message=_message(phase, held, speaker.message),
        exit_code=speaker.exit_code,
        last_words=speaker.last_words,
        image_id=speaker.image_id,
        pod=speaker.name,
        node=speaker.node,
        source=peers.source,
        other_images=peers.other_images,
        pods=wanted,
        pods_there=peers.there,
    )


def _phase(held: Mapping[str, Any], peers: Peers, *, suspended: bool) -> JobPhase:
    """`suspended`: it is asked for, though the controller may not have seen it yet."""
    for phase in (JobPhase.FAILED, JobPhase.SUCCEEDED, JobPhase.SUSPENDED):
        if phase.value in held:
            return phase
    if suspended:
        return JobPhase.SUSPENDED
    return JobPhase.RUNNING if peers.all_started else JobPhase.CREATED


def _admitted(conditions: Sequence[Mapping[str, Any]]) -> datetime | None:
    """When whoever queues the TFJob let it go on: its suspension ended then."""
    for each in conditions:
        if (each.get("type"), each.get("status")) == ("Suspended", "False"):
            return moment(each.get("lastTransitionTime"))
    return None


def _message(phase: JobPhase, held: Mapping[str, Any], told: str) -> str:
    """Why it waits or failed; the pods of a suspended one are on their way out."""
    said = word(held.get(phase.value, {}).get("message"))
    if phase in {JobPhase.SUCCEEDED, JobPhase.SUSPENDED}:
        return said if phase is JobPhase.SUSPENDED else ""
    return told or (said if phase is JobPhase.FAILED else "")
