"""The operator's token for Kubernetes is replaced, and the old one is revoked."""

import asyncio
import base64
import json
import shutil
import urllib.error
import urllib.request
import uuid

import pytest

from cluster.credentials.launched import Launched
from integration.operators import InProcess
from integration.world import until

_ACCOUNT = "mnist-operator"
_CORE = f"/api/v1/namespaces/{_ACCOUNT}"
_USER = f"{_ACCOUNT}:{_ACCOUNT}"
_BETWEEN_SECONDS = 0.5
_CREDENTIAL = "authentication.kubernetes.io/credential-id"


class BoundToken:
    """A token that is good for as long as a Secret of its own is there."""

    def __init__(self, plane):
        self._plane = plane
        self._name = f"handle-{uuid.uuid4().hex[:8]}"
        secret = {"metadata": {"name": self._name}}
        uid = plane.call("POST", f"{_CORE}/secrets", secret)["metadata"]["uid"]
        bound = {"apiVersion": "v1", "kind": "Secret", "name": self._name, "uid": uid}
        wanted = {"spec": {"expirationSeconds": 3600, "boundObjectRef": bound}}
        path = f"{_CORE}/serviceaccounts/{_ACCOUNT}/token"
        self.text = plane.call("POST", path, wanted)["status"]["token"]

    @property
    def credential(self):
        """By what the audit log knows it."""
        claims = self.text.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return f"JTI={found['jti']}"

    async def revoke(self):
        """Take it back, and wait until the API server knows: it remembers for 10 s."""
        self._plane.call("DELETE", f"{_CORE}/secrets/{self._name}")
        await until(self._is_refused, "the end of a token")

    async def _is_refused(self):
        await asyncio.sleep(_BETWEEN_SECONDS)  # Each time it is a new connection.
        return await asyncio.to_thread(self._ask) == 401

    def _ask(self):
        headers = {"Authorization": f"Bearer {self.text}"}
        asked = urllib.request.Request(f"{self._plane.url}/version", headers=headers)  # noqa: S310 (our own server)
        try:
            with urllib.request.urlopen(asked, context=self._plane._tls()) as answer:  # noqa: S310
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


def replace(path, token):
    """Write a token as a kubelet does: whoever reads gets the old one or the new."""
    new = path.with_name("new")
    new.write_text(token.text)
    new.replace(path)


def in_a_pod(world, plane, file):
    """An operator with the files of a ServiceAccount."""
    shutil.copy(plane.ca, file.with_name("ca.crt"))
    host, _, port = plane.url.removeprefix("https://").partition(":")
    return Launched(
        world,
        "in_a_pod",
        KUBECONFIG="",
        ACCOUNT_FOLDER=str(file.parent),
        KUBERNETES_SERVICE_HOST=host,
        KUBERNETES_SERVICE_PORT=port,
    )


def beside_a_kubeconfig(world, plane, file):
    """An operator with a kubeconfig that names a file with the token."""
    path = world.cluster.kubeconfig
    config = json.loads(path.read_text())
    config["users"][0]["user"] = {"tokenFile": str(file)}
    path.write_text(json.dumps(config))
    return InProcess(world)


@pytest.mark.parametrize("operator_where", [in_a_pod, beside_a_kubeconfig])
async def test_a_token_that_is_replaced_and_revoked_ends_nothing(
    world, plane, tmp_path, operator_where
):
    old, new = BoundToken(plane), BoundToken(plane)
    file = tmp_path / "account" / "token"
    file.parent.mkdir()
    replace(file, old)
    async with operator_where(world, plane, file):
        await world.apply()
        await world.model_of(await world.push(digits=1))
        replace(file, new)
        await old.revoke()
        since = audited(plane)[-1]["stageTimestamp"]

        await world.model_of(await world.push(digits=2))
        # kopf itself talks to the API server where a training is new: its finalizer.
        await world.apply("another", output={"repo": "another"})
        await world.reason("UpToDate", "another")

    asked = {
        (each["userAgent"].partition("/")[0], *each["user"]["extra"][_CREDENTIAL])
        for each in audited(plane)
        if each["requestReceivedTimestamp"] > since
        and each["user"].get("username") == f"system:serviceaccount:{_USER}"
    }
    used = new.credential
    assert {("kopf", used), ("OpenAPI-Generator", used)} == asked


def audited(plane):
    """What the API server was asked, and by whom."""
    return [json.loads(line) for line in plane.audit_log.read_text().splitlines()]
