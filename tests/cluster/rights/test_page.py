"""The page as its own ServiceAccount, on a real API server: it uses what it may."""

from types import SimpleNamespace

import yaml

from cluster.rights.audit import Audit, Right, granted
from cluster.rights.conftest import KUSTOMIZE
from integration.dashboard_site import open_page, read
from integration.dashboard_story import Story
from integration.pushes import until
from local_cluster.pachd import Pachd
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.resource import GROUP, KIND, PLURAL, VERSION
from mnist_operator.tfjob import CONTAINER, RUN_LABEL

HOME, ACCOUNT = "mnist-operator", "mnist-operator-page"
MANIFEST = KUSTOMIZE / "components" / "page" / "account.yaml"
TRAININGS = f"/apis/{GROUP}/{VERSION}/namespaces/{{}}/{PLURAL}"


def _rights():
    roles = yaml.safe_load_all(MANIFEST.read_text())
    return granted(each for each in roles if each["kind"] == "ClusterRole")


def _pod(run):
    """One that no kubelet runs, as of a run that is under way."""
    return {
        "metadata": {"name": "mnist-pod", "labels": {RUN_LABEL: run}},
        "spec": {"containers": [{"name": CONTAINER, "image": "trainer"}]},
    }


async def test_the_page_needs_all_that_its_role_grants_and_nothing_else(
    plane, install, namespace, tmp_path
):
    install("cluster-wide", "page")
    token = plane.account_token(HOME, ACCOUNT)
    kubeconfig = plane.write_kubeconfig(tmp_path / "kubeconfig", token)
    cluster = SimpleNamespace(kubeconfig=kubeconfig, server=plane)
    audit = Audit(plane.audit_log, f"system:serviceaccount:{HOME}:{ACCOUNT}")
    meta = {"name": "mnist", "namespace": namespace}
    body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": KIND, "metadata": meta}
    path = TRAININGS.format(namespace)
    async with Pachd(tmp_path / "pachd", finish_seconds=0.01) as pachd:
        client = Pachyderm(Connection(pachd.address))
        story = Story(client)
        story.training = story.training.model_copy(update={"namespace": namespace})
        await story.start()
        run = await story.open_run(await story.push_data(range(8)))
        plane.call("POST", f"/api/v1/namespaces/{namespace}/pods", _pod(run.staging))
        plane.call("POST", path, body | {"spec": {}})
        async with open_page(pachd, cluster) as page:
            key = f"/trainings/{namespace}/mnist"
            text = await read(page, f"{key}/runs/{run.staging}")

            async def is_news():
                return "later" in await read(page, "/")

            plane.call("POST", path, body | {"spec": {}, "metadata": _named(meta)})
            await until(is_news)
        await client.close()

    assert "There is no log" in text
    assert set() == audit.refused()
    assert _rights() == audit.used()
    assert Right("", "secrets", "get") not in _rights()


def _named(meta):
    return meta | {"name": "later"}
