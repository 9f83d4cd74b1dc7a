"""What the demo does with Kubernetes: apply two manifests, and watch what happens.

Manifests go through kubectl where there is one, as a user would; all else, and
everything where there is none, through the API.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

__all__ = ["Cluster", "ClusterError"]

_GROUP, _VERSION, _PLURAL = "mnist-operator.dev", "v1alpha1", "mnisttrainings"
_JOB_LABEL = "training.kubeflow.org/job-name"
_NOT_FOUND, _CONFLICT = 404, 409
_TIMEOUT_SECONDS = 10


class ClusterError(Exception):
    """Kubernetes did not take what it was given."""


class Cluster:
    """One namespace of one cluster, by its kubeconfig."""

    def __init__(self, kubeconfig: str, namespace: str) -> None:
        self.kubeconfig = kubeconfig
        self.namespace = namespace
        self.kubectl = shutil.which("kubectl")
        # Any: the models of the client library would be in the way of plain JSON.
        library: Any = config
        api = library.new_client_from_config(kubeconfig)
        self._custom: Any = client.CustomObjectsApi(api)
        self._core: Any = client.CoreV1Api(api)
        self._definitions: Any = client.ApiextensionsV1Api(api)

    def apply(self, manifest: Path) -> str:
        """Create or update what a file describes; what was said about it."""
        if self.kubectl is None:
            document = yaml.safe_load(manifest.read_text())
            return self._apply_with_api(document)
        command = [self.kubectl, "--kubeconfig", self.kubeconfig]
        command += ["--namespace", self.namespace, "apply", "-f", str(manifest)]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            raise ClusterError(f"kubectl apply -f {manifest}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _apply_with_api(self, document: dict[str, Any]) -> str:
        name = document["metadata"]["name"]
        try:
            self._create(document)
        except ApiException as error:
            if error.status != _CONFLICT:
                raise ClusterError(f"{name}: {error.reason}: {error.body}") from error
            return f"{name} is there already"
        return f"{name} created"

    def _create(self, document: dict[str, Any]) -> None:
        if document["kind"] == "CustomResourceDefinition":
            self._definitions.create_custom_resource_definition(document)
            return
        self._custom.create_namespaced_custom_object(
            _GROUP, _VERSION, self.namespace, _PLURAL, document
        )

    def is_served(self) -> bool:
        """Whether the API server already serves MnistTrainings."""
        try:
            self._trainings()
        except ApiException as error:
            if error.status == _NOT_FOUND:
                return False
            raise
        return True

    def _trainings(self) -> list[dict[str, Any]]:
        return self._list(_GROUP, _VERSION, _PLURAL)

    def _list(self, group: str, version: str, plural: str) -> list[dict[str, Any]]:
        listed = self._custom.list_namespaced_custom_object(
            group,
            version,
            self.namespace,
            plural,
            _request_timeout=_TIMEOUT_SECONDS,
        )
        return list(listed["items"])

    def status(self, training: str) -> dict[str, Any]:
        """The status of a MnistTraining; empty before the first look at it."""
        for item in self._trainings():
            if item["metadata"]["name"] == training:
                return dict(item.get("status", {}))
        return {}

    def tfjobs_for(self, commit: str) -> list[str]:
        """The names of the TFJobs that read from an input commit."""
        jobs = self._list("kubeflow.org", "v1", "tfjobs")
        return [job["metadata"]["name"] for job in jobs if _reads(job, commit)]

    def events(self, training: str) -> Iterator[tuple[str, str]]:
        """Events about a MnistTraining: a key that stays the same, and the text."""
        selector = f"involvedObject.kind=MnistTraining,involvedObject.name={training}"
        listed = self._core.list_namespaced_event(
            self.namespace, field_selector=selector
        )
        for event in listed.items:
            key = f"{event.metadata.name}/{event.count}"
            yield key, f"{event.type} {event.reason}: {event.message}"

    def log(self, tfjob: str) -> list[str]:
        """What the pod of a TFJob has logged so far; nothing while it has not begun."""
        pods = self._core.list_namespaced_pod(
            self.namespace, label_selector=f"{_JOB_LABEL}={tfjob}"
        )
        lines: list[str] = []
        for pod in pods.items:
            try:
                text = self._core.read_namespaced_pod_log(
                    pod.metadata.name, self.namespace
                )
            except ApiException:
                continue
            lines += (text or "").splitlines()
        return lines


def _reads(job: Mapping[str, Any], commit: str) -> bool:
    """Whether a TFJob's input bucket is pinned to the commit."""
    for replica in job["spec"]["tfReplicaSpecs"].values():
        for container in replica["template"]["spec"]["containers"]:
            for variable in container.get("env", []):
                if variable["name"] == "INPUT_BUCKET":
                    return str(variable.get("value", "")).startswith(f"{commit}.")
    return False
