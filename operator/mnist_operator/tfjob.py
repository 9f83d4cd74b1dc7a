"""TFJobs in and out: build the object to create, read the one that came back.

Both directions are pure. The rules that they rest on (what is terminal, what
never starts, which labels reach the pods) were seen on training-operator 1.9.4.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

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
    "read_job",
]

TFJOB_GROUP = "kubeflow.org"
TFJOB_VERSION = "v1"
TFJOB_PLURAL = "tfjobs"
CONTAINER = "tensorflow"
"""The name that the TFJob controller looks for."""

TRAINING_LABEL = f"{DOMAIN}/training"
COMMIT_LABEL = f"{DOMAIN}/input-commit"
RUN_LABEL = f"{DOMAIN}/run"
ATTEMPT_LABEL = f"{DOMAIN}/attempt"

_S3_TIMEOUT_MSEC = "240000"
"""Below the 5 minutes after which pachd's gateway cuts a transfer itself."""
_CA_FOLDER = "/etc/mnist-operator/pachyderm"


class JobPhase(StrEnum):
    """Where a TFJob stands."""

    CREATED = "Created"
    """No pod of it has run yet."""
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


_ENDS = frozenset({JobPhase.SUCCEEDED, JobPhase.FAILED})


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


@dataclass(frozen=True, slots=True)
class Job:
    """A TFJob and its first pod, reduced to what decisions need."""

    name: str
    uid: str
    owner_uid: str
    staging: str
    phase: JobPhase
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    """When it came to its end, in the API server's words: the same for every reader."""
    deleting: bool = False
    message: str = ""
    """Why it waits or failed, in Kubernetes' own words."""
    exit_code: int | None = None
    last_words: str = ""
    image_id: str = ""
    pod: str = ""
    node: str = ""

    @property
    def is_terminal(self) -> bool:
        """Whether it has come to an end, good or bad."""
        return self.phase in _ENDS


def build_tfjob(request: JobRequest) -> dict[str, Any]:
    """The TFJob of one attempt: one worker, pinned to one commit on either side."""
    labels = {
        TRAINING_LABEL: request.training,
        COMMIT_LABEL: request.commit,
        RUN_LABEL: request.staging,
        ATTEMPT_LABEL: str(request.attempt),
        "app.kubernetes.io/managed-by": "mnist-operator",
    }
    return {
        "apiVersion": f"{TFJOB_GROUP}/{TFJOB_VERSION}",
        "kind": "TFJob",
        "metadata": {
            "name": request.name,
            "namespace": request.namespace,
            "labels": labels,
            "ownerReferences": [
                {
                    "apiVersion": f"{GROUP}/{VERSION}",
                    "kind": KIND,
                    "name": request.training,
                    "uid": request.uid,
                    "controller": True,
                }
            ],
        },
        "spec": {
            # With the default, None, a TFJob that failed leaves its pod running.
            "runPolicy": {"cleanPodPolicy": "Running"},
            "tfReplicaSpecs": {
                "Worker": {
                    "replicas": 1,
                    # A new attempt is a new TFJob with a staging commit of its own.
                    "restartPolicy": "Never",
                    # The controller does not copy a TFJob's labels to its pods.
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": _pod_spec(request),
                    },
                }
            },
        },
    }


def _pod_spec(request: JobRequest) -> dict[str, Any]:
    trainer = request.spec["trainer"]
    container: dict[str, Any] = {
        "name": CONTAINER,
        "image": trainer["image"],
        "imagePullPolicy": trainer["imagePullPolicy"],
        "env": _environment(request),
        "resources": {k: v for k, v in trainer["resources"].items() if v},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
    }
    pod: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
    if request.endpoint.has_ca:
        secret = {
            "secretName": request.endpoint.secret,
            "items": [{"key": "ca.crt", "path": "ca.crt"}],
        }
        pod["volumes"].append({"name": "pachyderm-ca", "secret": secret})
        container["volumeMounts"].append(
            {"name": "pachyderm-ca", "mountPath": _CA_FOLDER, "readOnly": True}
        )
    return pod


def _environment(request: JobRequest) -> list[dict[str, Any]]:
    """The classic recipe's variables, pinned to commits, then the user's own."""
    source, target = request.spec["input"], request.spec["output"]
    endpoint = request.endpoint
    fixed = {
        "INPUT_BUCKET": _bucket(
            request.commit, source["branch"], source["repo"], source["project"]
        ),
        "OUTPUT_BUCKET": _bucket(
            request.staging, request.slot, request.run_repo, target["project"]
        ),
        "DATA_DIR": "/tmp/data",  # noqa: S108 (an emptyDir of the pod's own)
        "TRAINING_DATA": source["path"],
        "MODEL_FILE": target["path"],
        "TRAINER_PARAMETERS": json.dumps(
            request.spec["trainer"]["parameters"], sort_keys=True
        ),
        "S3_ENDPOINT": endpoint.host,
        "S3_USE_HTTPS": "1" if endpoint.https else "0",
        "S3_VERIFY_SSL": "1" if endpoint.https else "0",
        "S3_REGION": "us-east-1",
        "S3_REQUEST_TIMEOUT_MSEC": _S3_TIMEOUT_MSEC,
        "S3_CONNECT_TIMEOUT_MSEC": "10000",
    }
    if endpoint.has_ca:
        fixed["S3_CA_FILE"] = f"{_CA_FOLDER}/ca.crt"
    users = {item["name"]: item for item in request.spec["trainer"]["env"]}
    merged: dict[str, dict[str, Any]] = {
        name: {"name": name, "value": value} for name, value in fixed.items()
    }
    if endpoint.token_key:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            key = {"name": endpoint.secret, "key": endpoint.token_key}
            merged[name] = {"name": name, "valueFrom": {"secretKeyRef": key}}
    return list((merged | users).values())


def _bucket(commit: str, branch: str, repo: str, project: str) -> str:
    """A commit's own bucket: an immutable snapshot, or one attempt's own staging."""
    suffix = "" if project == "default" else f".{project}"
    return f"{commit}.{branch}.{repo}{suffix}"


def read_job(body: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> Job:
    """Read a TFJob, with what its pods add to it.

    Terminal only by a condition of type Succeeded or Failed with status True; when
    both are, Failed wins.
    """
    meta = body["metadata"]
    held = {
        item["type"]: item
        for item in (body.get("status") or {}).get("conditions") or ()
        if item.get("status") == "True"
    }
    owners = meta.get("ownerReferences") or [{}]
    pod = _Pod.read(pods)
    if "Failed" in held:
        phase = JobPhase.FAILED
    elif "Succeeded" in held:
        phase = JobPhase.SUCCEEDED
    else:
        phase = JobPhase.RUNNING if pod.started else JobPhase.CREATED
    ended = held.get(phase.value, {}) if phase in _ENDS else {}
    since = ended.get("lastTransitionTime")
    return Job(
        name=meta["name"],
        uid=meta.get("uid", ""),
        owner_uid=owners[0].get("uid", ""),
        staging=(meta.get("labels") or {}).get(RUN_LABEL, ""),
        phase=phase,
        created=_time(meta["creationTimestamp"]),
        started=pod.started,
        ended=_time(since) if since else None,
        deleting="deletionTimestamp" in meta,
        message=pod.message or held.get("Failed", {}).get("message", ""),
        exit_code=pod.exit_code,
        last_words=pod.last_words,
        image_id=pod.image_id,
        pod=pod.name,
        node=pod.node,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class _Pod:
    """What the trainer's container says of itself."""

    name: str = ""
    node: str = ""
    message: str = ""
    started: datetime | None = None
    exit_code: int | None = None
    last_words: str = ""
    image_id: str = ""

    @staticmethod
    def read(pods: Sequence[Mapping[str, Any]]) -> "_Pod":
        if not pods:
            return _Pod()
        pod = max(pods, key=lambda each: each["metadata"]["creationTimestamp"])
        status = pod.get("status") or {}
        container: Mapping[str, Any] = next(
            (
                each
                for each in status.get("containerStatuses") or ()
                if each["name"] == CONTAINER
            ),
            {},
        )
        state = container.get("state") or {}
        ended = state.get("terminated") or {}
        since = ended.get("startedAt") or (state.get("running") or {}).get("startedAt")
        return _Pod(
            name=pod["metadata"]["name"],
            node=(pod.get("spec") or {}).get("nodeName", ""),
            message=_trouble(status, state),
            started=_time(since) if since else None,
            exit_code=ended.get("exitCode"),
            last_words=(ended.get("message") or "").strip(),
            image_id=container.get("imageID", ""),
        )


def _trouble(status: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """Why a pod waits or ended badly: its own words, its container's, a condition's."""
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    unmet: Mapping[str, Any] = next(
        (
            each
            for each in status.get("conditions") or ()
            if each.get("status") == "False" and each.get("reason") == "Unschedulable"
        ),
        {},
    )
    for item in (status, waiting, ended, unmet):
        reason, message = item.get("reason", ""), item.get("message", "")
        if reason and reason not in {
            "Completed",
            "ContainerCreating",
            "PodInitializing",
        }:
            return f"{reason}: {message}".rstrip(": \n")
    return ""
