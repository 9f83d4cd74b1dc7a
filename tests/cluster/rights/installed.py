"""What an administrator has applied, and what the operator may do by that."""

from collections.abc import Iterator
from typing import Any

from cluster.rig.control_plane import ControlPlane
from cluster.rights.audit import Audit, Right, granted

__all__ = ["Installed"]

ACCOUNT = "mnist-operator"
_ROLES = {"Role", "ClusterRole"}
_BINDINGS = {"RoleBinding", "ClusterRoleBinding"}


class Installed:
    """The objects of one installation."""

    def __init__(self, plane: ControlPlane, objects: list[dict[str, Any]]) -> None:
        self._plane = plane
        self._objects = objects

    @property
    def home(self) -> str:
        """Where the operator itself is."""
        (account,) = self._of({"ServiceAccount"})
        return str(account["metadata"]["namespace"])

    @property
    def token(self) -> str:
        """With it one is the operator."""
        return self._plane.account_token(self.home, ACCOUNT)

    def audit(self) -> Audit:
        """What the operator asks for from now on."""
        user = f"system:serviceaccount:{self.home}:{ACCOUNT}"
        return Audit(self._plane.audit_log, user)

    def let_read_secrets(self, namespace: str) -> None:
        """Bind the one role that is bound nowhere, as the documentation says."""
        name = f"{ACCOUNT}-secrets"
        body = {
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": name,
            },
            "subjects": [
                {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": self.home}
            ],
        }
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        self._plane.call("POST", f"{rbac}/rolebindings", body)
        self._objects.append(body | {"kind": "RoleBinding"})

    def rights(self) -> set[Right]:
        """All that is granted to the operator's account."""
        mine = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": self.home}
        bound = {
            each["roleRef"]["name"]
            for each in self._of(_BINDINGS)
            if mine in each["subjects"]
        }
        return granted(
            each for each in self._of(_ROLES) if each["metadata"]["name"] in bound
        )

    def _of(self, kinds: set[str]) -> Iterator[dict[str, Any]]:
        return (each for each in self._objects if each["kind"] in kinds)
