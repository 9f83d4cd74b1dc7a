"""Kubeflow's own TFJob controller, with its webhook, beside a control plane."""

import base64
from pathlib import Path
from typing import Any, Self

import yaml

from cluster.rig.binaries import TRAINING_OPERATOR, find, module_folder
from cluster.rig.certificates import write_certificates
from cluster.rig.control_plane import ControlPlane
from cluster.rig.programs import Running, answers
from local_cluster.ports import HeldPort

__all__ = ["TFJobController", "read_tfjob_crd"]

_SECRET = "training-operator-webhook-cert"
_FILES = ("ca.crt", "ca.key", "tls.crt", "tls.key")
_MODULE = "github.com/kubeflow/training-operator"
_MOUNTED = Path("/tmp/k8s-webhook-server/serving-certs/tls.crt")  # noqa: S108
"""It is not ready before there is this file, wherever its certificate is: the place is
a constant of its `pkg/cert`, and only the webhook's server asks for the temporary
folder. Nobody reads what is in it.
"""


def read_tfjob_crd() -> Any:
    """The TFJob CRD that the pinned version ships."""
    folder = module_folder("training-operator", _MODULE)
    path = folder / "manifests" / "base" / "crds" / "kubeflow.org_tfjobs.yaml"
    return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader"))  # noqa: B009, S506


class TFJobController:
    """training-operator, out of the cluster; the TFJob CRD is there before it."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._plane = plane
        self._folder = folder
        self._ports = HeldPort(), HeldPort(), HeldPort()
        self._webhook_port, health, metrics = (each.number for each in self._ports)
        self.running = Running(
            [
                str(find(TRAINING_OPERATOR)),
                "--enable-scheme=TFJob",
                f"--kubeconfig={plane.kubeconfig}",
                f"--metrics-bind-address=127.0.0.1:{metrics}",
                f"--health-probe-bind-address=127.0.0.1:{health}",
                f"--webhook-server-port={self._webhook_port}",
            ],
            folder / "training-operator.log",
            lambda: answers(f"http://127.0.0.1:{health}/readyz"),
            # It has a fixed place for its certificate below the temporary folder.
            {"TMPDIR": str(folder)},
        )

    def __enter__(self) -> Self:
        certificates = self._folder / "k8s-webhook-server" / "serving-certs"
        certificates.mkdir(parents=True)
        write_certificates(
            certificates, "training-operator-ca", "training-operator.kubeflow.svc"
        )
        self._install(certificates)
        _MOUNTED.parent.mkdir(parents=True, exist_ok=True)
        if not _MOUNTED.exists():  # Another user's will do.
            _MOUNTED.touch()
        self.running.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.running.kill()

    def _install(self, certificates: Path) -> None:
        call = self._plane.call
        call("POST", "/api/v1/namespaces", {"metadata": {"name": "kubeflow"}})
        data = {
            name: base64.b64encode((certificates / name).read_bytes()).decode()
            for name in _FILES
        }
        secret = {"metadata": {"name": _SECRET}, "data": data}
        call("POST", "/api/v1/namespaces/kubeflow/secrets", secret)
        webhooks = "/apis/admissionregistration.k8s.io/v1"
        call(
            "POST",
            f"{webhooks}/validatingwebhookconfigurations",
            self._webhook(data["ca.crt"]),
        )

    def _webhook(self, authority: str) -> Any:
        where = f"https://127.0.0.1:{self._webhook_port}"
        rule = {
            "apiGroups": ["kubeflow.org"],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["tfjobs"],
        }
        webhook = {
            "name": "validator.tfjob.training-operator.kubeflow.org",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "clientConfig": {
                "url": f"{where}/validate-kubeflow-org-v1-tfjob",
                "caBundle": authority,
            },
            "rules": [rule],
        }
        return {
            "metadata": {"name": "validator.training-operator.kubeflow.org"},
            "webhooks": [webhook],
        }
