"""What an administrator does with kubectl, and what the cluster's own controllers do.

Nobody here runs a kube-controller-manager: `end_namespaces` and `collect` do its work.
"""

import json
import subprocess
import urllib.error

from cluster.rig.binaries import KUBECTL, find
from cluster.rig.control_plane import ControlPlane

__all__ = ["Administrator"]

_NOT_LOOKED_AT = {
    *("events", "events.events.k8s.io", "leases.coordination.k8s.io"),
    *("componentstatuses", "endpoints", "apiservices.apiregistration.k8s.io"),
}
"""What the API server makes and drops by itself, and what it warns everybody off."""


class Administrator:
    """May do everything, in this control plane."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """What kubectl prints; it must succeed, and must have nothing to warn of."""
        done = self.try_kubectl(*words, given=given)
        assert (0, "") == (done.returncode, done.stderr), f"{words}: {done.stderr}"
        return done.stdout

    def try_kubectl(
        self, *words: str, given: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run kubectl, whatever comes of it."""
        return subprocess.run(
            [str(find(KUBECTL)), f"--kubeconfig={self.plane.kubeconfig}", *words],
            input=given,
            check=False,
            capture_output=True,
            text=True,
        )

    def may(self, account: str, verb: str, resource: str, namespace: str = "") -> bool:
        """Whether a ServiceAccount, as namespace:name, may do this.

        A resource is RESOURCE.GROUP or RESOURCE.GROUP/NAME, as kubectl has it.
        """
        kind, _, name = resource.partition("/")
        kind, _, group = kind.partition(".")
        where = {"namespace": namespace, "group": group, "resource": kind}
        spec = {
            "user": f"system:serviceaccount:{account}",
            "resourceAttributes": {**where, "name": name, "verb": verb},
        }
        reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        review = self.plane.call("POST", reviews, {"spec": spec})
        return bool(review["status"]["allowed"])

    def everything(self) -> set[str]:
        """The names of all objects in the cluster, with their kinds."""
        words = ("api-resources", "--verbs=list", "--output=name", "--no-headers")
        kinds = sorted(set(self.kubectl(*words).split()) - _NOT_LOOKED_AT)
        words = ("get", ",".join(kinds), "--all-namespaces", "--output=json")
        done = self.try_kubectl(*words)
        if done.returncode:  # A kind may go between the two questions.
            return {done.stderr}
        listed = json.loads(done.stdout)
        return {
            f"{each['kind']} {each['metadata'].get('namespace', '')}"
            f"/{each['metadata']['name']}"
            for each in listed["items"]
        }

    def collect(self) -> None:
        """Do what the garbage collector does: objects go when their owner is gone."""
        while gone := self._without_owner():
            for kind, namespace, name in gone:
                where = (f"--namespace={namespace}", "--ignore-not-found")
                self.kubectl("delete", kind, name, "--wait=false", *where)

    def _without_owner(self) -> list[tuple[str, str, str]]:
        kinds = "mnisttrainings,tfjobs,pods,services"
        words = ("get", kinds, "--all-namespaces", "--output=json")
        listed = json.loads(self.kubectl(*words))["items"]
        known = {each["metadata"]["uid"] for each in listed}
        return [
            (each["kind"], each["metadata"]["namespace"], each["metadata"]["name"])
            for each in listed
            for owner in each["metadata"].get("ownerReferences", [])
            if owner["uid"] not in known and "deletionTimestamp" not in each["metadata"]
        ]

    def end_namespaces(self) -> None:
        """Let those go that were deleted; what is still in one would show then."""
        for body in self.plane.call("GET", "/api/v1/namespaces")["items"]:
            if "deletionTimestamp" in body["metadata"]:
                name = body["metadata"]["name"]
                body["spec"]["finalizers"] = []
                self.plane.call("PUT", f"/api/v1/namespaces/{name}/finalize", body)

    def has(self, path: str) -> bool:
        """Whether there is such an object."""
        try:
            self.plane.call("GET", path)
        except urllib.error.HTTPError:
            return False
        return True
