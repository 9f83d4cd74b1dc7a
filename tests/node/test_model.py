"""From a push to a model whose record names the data, the image and the code."""

import json
import subprocess
import tarfile

import pytest

from node.images import TRAINER
from node.invariants import assert_sound
from node.world import Training


@pytest.fixture(name="training", scope="module")
def _training(world):
    """One for all tests here; its first commit is decided."""
    training = Training(world, "model")
    training.create()
    training.decided(training.push())
    return training


def _image_of(statement, name):
    materials = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    return next(each for each in materials if each["name"] == name)["digest"]


def _archived_digest(folder):
    """What was built, by the archive's own index."""
    with tarfile.open(folder / "images" / "trainer.tar") as archive:
        index = json.load(archive.extractfile("index.json"))
    [manifest] = index["manifests"]
    return manifest["digest"].removeprefix("sha256:")


def test_a_push_becomes_a_model_that_names_the_image_that_ran(training, folder):
    [decision] = training.decisions()

    assert ("Published", 1) == (decision["decision"], decision["attempt"])
    assert float(decision["accuracy"]) > 0.9
    assert_sound(training)
    world = training.world
    statement = json.loads(
        world.pachd.read(training.output, decision["modelCommit"], "/lineage.json")
    )
    ran = _image_of(statement, "image")["sha256"]
    [pod] = training.pods()
    [status] = pod["status"]["containerStatuses"]
    assert status["imageID"].endswith(f"@sha256:{ran}")
    assert _archived_digest(folder) == ran
    labels = json.loads((folder / "images" / "images.json").read_text())
    revision = labels[TRAINER]["config"]["Labels"]["org.opencontainers.image.revision"]
    assert revision == _image_of(statement, "source")["gitCommit"]


def test_the_trainers_log_is_kept_with_the_run(training):
    [run] = training.runs(training.pushed[0])
    log = training.world.pachd.read(f"{training.output}_runs", run["run"], "/log.txt")

    assert b"Completed" in log


def test_the_operator_says_what_it_did_in_events(training):
    told = training.world.plane.kubectl(
        *("get", "events", "--namespace", training.name),
        *("--output", "jsonpath={.items[*].reason}"),
    )

    assert {"RunStarted", "ModelPublished"} <= set(told.split())


def test_the_node_runs_the_kubernetes_that_it_says(world):
    told = subprocess.run(
        ["kubectl", f"--kubeconfig={world.plane.kubeconfig}", "get", "nodes"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert "v1.34.4" in told
