"""What the demo does with Pachyderm and Kubernetes, against the local cluster's.

The demo is a plain program without a loop, so its calls run in a thread here.
"""

import asyncio
import json

import pytest
import yaml

from demo import cluster as clusters
from demo.pachd import Pachd, PachydermError
from local_cluster.kube import KubeServer
from local_cluster.pachd import Pachd as Server

MANIFEST = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "mnisttrainings.mnist-operator.dev"},
    "spec": {
        "group": "mnist-operator.dev",
        "scope": "Namespaced",
        "names": {
            "plural": "mnisttrainings",
            "singular": "mnisttraining",
            "kind": "MnistTraining",
            "listKind": "MnistTrainingList",
        },
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}
TRAINING = {
    "apiVersion": "mnist-operator.dev/v1alpha1",
    "kind": "MnistTraining",
    "metadata": {"name": "mnist"},
    "spec": {},
}
DEADLINE_SECONDS = 20


@pytest.fixture(name="pachd")
async def _pachd(tmp_path):
    async with Server(tmp_path / "pachd", finish_seconds=0.01) as server:
        client = Pachd(server.address)
        yield client
        client.close()


@pytest.fixture(name="kubeconfig")
async def _kubeconfig(tmp_path):
    async with KubeServer(tmp_path / "kube") as server:
        yield server.write_kubeconfig(tmp_path / "kubeconfig")


def _write(folder, name, document):
    path = folder / name
    path.write_text(yaml.safe_dump(document))
    return path


async def _until(look):
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await asyncio.to_thread(look):
            await asyncio.sleep(0.02)


class TestPachyderm:
    async def test_a_push_is_one_commit_that_can_be_read_back(self, pachd, tmp_path):
        data = tmp_path / "data"
        data.write_bytes(b"x" * 5_000_000)

        def push():
            pachd.create_repo("inputrepo")
            commit = pachd.push("inputrepo", "/data/mnist.npz", data)
            return commit, pachd.read("inputrepo", commit, "/data/mnist.npz")

        commit, content = await asyncio.to_thread(push)

        assert data.read_bytes() == content
        [published] = await asyncio.to_thread(pachd.recent, "inputrepo")
        assert (commit, True, "") == (
            published.commit,
            published.finished,
            published.error,
        )

    async def test_a_second_push_replaces_the_file(self, pachd, tmp_path):
        first, second = tmp_path / "first", tmp_path / "second"
        first.write_bytes(b"first")
        second.write_bytes(b"second")

        def push():
            pachd.create_repo("inputrepo")
            pachd.push("inputrepo", "/data/mnist.npz", first)
            commit = pachd.push("inputrepo", "/data/mnist.npz", second)
            return pachd.read("inputrepo", commit, "/data/mnist.npz")

        assert b"second" == await asyncio.to_thread(push)

    async def test_the_files_of_a_commit_are_listed_without_folders(
        self, pachd, tmp_path
    ):
        data = tmp_path / "data"
        data.write_bytes(b"content")

        def push():
            pachd.create_repo("inputrepo")
            commit = pachd.push("inputrepo", "/data/mnist.npz", data)
            return pachd.files("inputrepo", commit)

        assert ["/data/mnist.npz"] == await asyncio.to_thread(push)

    async def test_a_repo_that_is_there_may_be_created_again(self, pachd):
        await asyncio.to_thread(pachd.create_repo, "inputrepo")
        await asyncio.to_thread(pachd.create_repo, "inputrepo")

    async def test_a_branch_without_commits_has_no_recent_ones(self, pachd):
        await asyncio.to_thread(pachd.create_repo, "outputrepo")

        assert [] == await asyncio.to_thread(pachd.recent, "outputrepo")

    async def test_a_refused_call_says_which_and_why(self, pachd):
        with pytest.raises(PachydermError, match=r"CreateRepo: UNKNOWN: name .a/b."):
            await asyncio.to_thread(pachd.create_repo, "a/b")


class TestKubernetes:
    @pytest.fixture(name="cluster", params=["with-kubectl", "without-kubectl"])
    def _cluster(self, request, kubeconfig, monkeypatch):
        cluster = clusters.Cluster(str(kubeconfig), "default")
        if request.param == "without-kubectl":
            cluster.kubectl = None
        return cluster

    async def test_manifests_are_applied(self, cluster, tmp_path):
        definition = _write(tmp_path, "definition.yaml", MANIFEST)
        training = _write(tmp_path, "training.yaml", TRAINING)

        assert "mnisttrainings" in await asyncio.to_thread(cluster.apply, definition)
        await _until(cluster.is_served)
        assert "mnist" in await asyncio.to_thread(cluster.apply, training)

        assert {} == await asyncio.to_thread(cluster.status, "mnist")

    async def test_a_manifest_may_be_applied_again(self, cluster, tmp_path):
        definition = _write(tmp_path, "definition.yaml", MANIFEST)

        await asyncio.to_thread(cluster.apply, definition)

        assert "mnisttrainings" in await asyncio.to_thread(cluster.apply, definition)

    async def test_nothing_is_served_before_it_is_defined(self, cluster):
        assert not await asyncio.to_thread(cluster.is_served)

    async def test_a_refused_manifest_says_why(self, cluster, tmp_path):
        broken = json.loads(json.dumps(MANIFEST))
        broken["metadata"]["name"] = "other.mnist-operator.dev"
        definition = _write(tmp_path, "definition.yaml", broken)

        with pytest.raises(clusters.ClusterError, match=r"mnist-operator\.dev"):
            await asyncio.to_thread(cluster.apply, definition)
