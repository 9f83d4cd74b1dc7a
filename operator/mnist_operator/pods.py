"""The pod of an attempt: what the operator promises, and what a user adds to it.

Where both speak, this is who is heard:

=====================================  ============================================
part of the pod                        who is heard
=====================================  ============================================
labels                                 the operator, then the user
image, env, resources of the trainer   spec.trainer alone, never its template
volumes, mounts of the trainer         the operator's, followed by the user's
containers                             the trainer, followed by the user's
security contexts                      the user, key by key, then the operator
service account token                  the user; without a word, none is mounted
all else in the allowlist              the user
all else                               nobody: it is not passed on
=====================================  ============================================
"""

import json
from collections.abc import Mapping
from typing import Any

from mnist_operator import warm_start
from mnist_operator.buckets import name_bucket
from mnist_operator.job_request import JobRequest
from mnist_operator.pod_template import CONTAINER

__all__ = ["build_template"]

_S3_TIMEOUT_MSEC = "240000"
"""Below the 5 minutes after which pachd's gateway cuts a transfer itself."""
_CA_FOLDER = "/etc/mnist-operator/pachyderm"

_PASSED_ON = (
    "affinity",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "imagePullSecrets",
    "initContainers",
    "nodeSelector",
    "priorityClassName",
    "runtimeClassName",
    "schedulerName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
)
"""Fields of a pod of which the operator has nothing to say."""


def build_template(request: JobRequest, labels: Mapping[str, str]) -> dict[str, Any]:
    """The pod template of one attempt."""
    asked = request.spec["trainer"].get("template") or {}
    metadata = asked.get("metadata") or {}
    built: dict[str, Any] = {
        "metadata": {"labels": {**(metadata.get("labels") or {}), **labels}},
        "spec": _pod_spec(request, asked.get("spec") or {}),
    }
    if metadata.get("annotations"):
        built["metadata"]["annotations"] = metadata["annotations"]
    return built


def _pod_spec(request: JobRequest, users: Mapping[str, Any]) -> dict[str, Any]:
    trainer = request.spec["trainer"]
    containers = users.get("containers") or ()
    added: Mapping[str, Any] = next(
        (each for each in containers if each["name"] == CONTAINER), {}
    )
    context = {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    pod = {name: users[name] for name in _PASSED_ON if name in users} | {
        "automountServiceAccountToken": users.get(
            "automountServiceAccountToken", False
        ),
        "securityContext": context | (users.get("securityContext") or {}),
        "containers": [
            _container(request, added),
            *(each for each in containers if each["name"] != CONTAINER),
        ],
        "volumes": [*_volumes(request), *(users.get("volumes") or ())],
    }
    if trainer.get("serviceAccountName"):
        pod["serviceAccountName"] = trainer["serviceAccountName"]
    return pod


def _volumes(request: JobRequest) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [{"name": "tmp", "emptyDir": {}}]
    if request.endpoint.has_ca:
        secret = {
            "secretName": request.endpoint.secret,
            "items": [{"key": "ca.crt", "path": "ca.crt"}],
        }
        volumes.append({"name": "pachyderm-ca", "secret": secret})
    return volumes


def _container(request: JobRequest, added: Mapping[str, Any]) -> dict[str, Any]:
    """The container that trains, with what the user's item of its name adds."""
    trainer = request.spec["trainer"]
    context = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts: list[dict[str, Any]] = [
        {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108 (an emptyDir of the pod's own)
    ]
    if request.endpoint.has_ca:
        ca = {"name": "pachyderm-ca", "mountPath": _CA_FOLDER, "readOnly": True}
        mounts.append(ca)
    container = {
        "name": CONTAINER,
        "image": trainer["image"],
        "imagePullPolicy": trainer["imagePullPolicy"],
        "env": _environment(request),
        "resources": {k: v for k, v in trainer["resources"].items() if v},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": context | (added.get("securityContext") or {}),
        "volumeMounts": [*mounts, *(added.get("volumeMounts") or ())],
    }
    if trainer.get("args"):
        container["args"] = trainer["args"]
    passed_on = ("lifecycle", "ports", "volumeDevices")
    return container | {name: added[name] for name in passed_on if name in added}


def _environment(request: JobRequest) -> list[dict[str, Any]]:
    """The classic recipe's variables, pinned to commits, then the user's own."""
    source, target = request.spec["input"], request.spec["output"]
    endpoint = request.endpoint
    fixed = {
        "INPUT_BUCKET": name_bucket(
            request.commit, source["branch"], source["repo"], source["project"]
        ),
        "OUTPUT_BUCKET": name_bucket(
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
    if request.begins_from:
        model = warm_start.name_file(warm_start.offer(target, request.begins_from))
        fixed["WARM_START_BUCKET"], fixed["WARM_START_FILE"] = model
    if request.trial is not None:
        fixed |= request.trial.name_variables()
    if request.traceparent:
        fixed["TRACEPARENT"] = request.traceparent
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
