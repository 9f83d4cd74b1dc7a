"""etcd and a kube-apiserver with RBAC and an audit log, on this machine alone."""

import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cluster.rig.binaries import ETCD, KUBE_APISERVER, KUBECTL, find
from cluster.rig.programs import Running, answers
from local_cluster.ports import HeldPort

__all__ = ["ControlPlane"]

_ADMIN = "admin-of-a-test"
_PATIENCE_SECONDS = 60.0
_AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


class ControlPlane:
    """The two servers, and how an administrator is let in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self.audit_log = folder / "audit.jsonl"
        self._ports = HeldPort(), HeldPort(), HeldPort()
        self._port, etcd, self._peer = (each.number for each in self._ports)
        self.url = f"https://127.0.0.1:{self._port}"
        self._etcd_url = f"http://127.0.0.1:{etcd}"
        self.etcd = Running(
            self._etcd_command(),
            folder / "etcd.log",
            lambda: answers(f"{self._etcd_url}/health"),
        )
        self.apiserver = Running(
            self._apiserver_command(), folder / "apiserver.log", self._is_ready
        )

    @property
    def token(self) -> str:
        """The administrator's."""
        return _ADMIN

    @property
    def ca(self) -> Path:
        """What vouches for the API server; it is there once that is started."""
        return self.folder / "pki" / "apiserver.crt"

    def __enter__(self) -> Self:
        self._write_what_it_reads()
        self.etcd.start()
        try:
            self.apiserver.start()
        except BaseException:
            self.etcd.kill()
            raise
        self.write_kubeconfig(self.kubeconfig, self.token)
        return self

    def __exit__(self, *_: object) -> None:
        self.apiserver.kill()
        self.etcd.kill()

    def write_kubeconfig(
        self, path: Path, token: str, *, server: str = "", namespace: str = "default"
    ) -> Path:
        """Let in whoever has this token; `server` may be a wire in between."""
        cluster = {"server": server or self.url}
        if cluster["server"].startswith("https"):
            cluster["certificate-authority"] = str(self.ca)
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "rig", "cluster": cluster}],
            "users": [{"name": "user", "user": {"token": token}}],
            "contexts": [
                {
                    "name": "rig",
                    "context": {
                        "cluster": "rig",
                        "user": "user",
                        "namespace": namespace,
                    },
                }
            ],
            "current-context": "rig",
        }
        path.write_text(json.dumps(config))
        return path

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request of the administrator's, for fixtures."""
        request = urllib.request.Request(  # noqa: S310 (our own server)
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
            method=method,
        )
        with urllib.request.urlopen(request, context=self._tls()) as answer:  # noqa: S310
            return json.load(answer)

    def install(self, crd: Any) -> None:
        """Create a custom resource, and wait until it is served."""
        crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        self.call("POST", crds, crd)
        spec = crd["spec"]
        path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}"
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._serves(path, spec["names"]["plural"]):
            assert time.monotonic() < deadline, f"{path} is not served"
            time.sleep(0.05)

    def _serves(self, path: str, plural: str) -> bool:
        try:
            served = {each["name"] for each in self.call("GET", path)["resources"]}
            return plural in served and bool(self.call("GET", f"{path}/{plural}"))
        except urllib.error.HTTPError:
            return False

    def account_token(self, namespace: str, account: str) -> str:
        """A token by which one is that ServiceAccount."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        wanted = {"spec": {"expirationSeconds": 24 * 3600}}
        return str(self.call("POST", path, wanted)["status"]["token"])

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """What kubectl prints for the administrator. Raises CalledProcessError."""
        return subprocess.run(
            [str(find(KUBECTL)), *self._let_in(), *words],
            input=given,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _let_in(self) -> list[str]:
        # What is served is remembered by address, which others have had before.
        cache = self.folder / "kubectl"
        return [f"--kubeconfig={self.kubeconfig}", f"--cache-dir={cache}"]

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))

    def _is_ready(self) -> bool:
        try:
            request = urllib.request.Request(  # noqa: S310 (our own server)
                f"{self.url}/readyz", headers={"Authorization": f"Bearer {_ADMIN}"}
            )
            with urllib.request.urlopen(request, context=self._tls(), timeout=2):  # noqa: S310
                return True
        except OSError:
            return False

    def _write_what_it_reads(self) -> None:
        (self.folder / "pki").mkdir(exist_ok=True)
        (self.folder / "audit.json").write_text(json.dumps(_AUDIT))
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f'{_ADMIN},admin,1,"system:masters"\n')
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        (self.folder / "accounts.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )

    def _etcd_command(self) -> list[str]:
        peer = f"http://127.0.0.1:{self._peer}"
        return [
            str(find(ETCD)),
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={self._etcd_url}",
            f"--advertise-client-urls={self._etcd_url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
        ]

    def _apiserver_command(self) -> list[str]:
        key = self.folder / "accounts.key"
        return [
            str(find(KUBE_APISERVER)),
            f"--etcd-servers={self._etcd_url}",
            f"--cert-dir={self.folder / 'pki'}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            # Nobody here makes each namespace's default ServiceAccount.
            "--disable-admission-plugins=ServiceAccount",
            # On in some clusters alone: it wants a right of whoever makes an object
            # that can hold up the deletion of its owner.
            "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
            f"--audit-policy-file={self.folder / 'audit.json'}",
            f"--audit-log-path={self.audit_log}",
            "--audit-log-mode=blocking-strict",
            # Watches are cut now and then, as in a long-lived cluster.
            "--min-request-timeout=60",
        ]
