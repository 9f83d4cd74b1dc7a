"""kustomize, Helm and the one file: three ways to the same objects."""

import shutil

import pytest

from cluster.install.manifests import (
    CHART,
    DEPLOY,
    INSTALL,
    WAYS,
    kustomize,
    parse,
    run_helm,
)
from mnist_operator import __version__


def _sorted(objects):
    """The order of a container's variables means nothing; the two have their own."""
    for body in objects.values():
        if body["kind"] == "Deployment":
            for container in body["spec"]["template"]["spec"]["containers"]:
                container["env"].sort(key=lambda each: each["name"])
    return objects


def test_the_one_file_is_the_cluster_wide_overlay():
    assert parse(WAYS[0].kustomize()) == parse(INSTALL.read_text())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.overlay)
def test_helm_makes_the_same_objects_as_kustomize(way):
    """But for the namespaces: Helm keeps its release in one, so it must be there."""
    wanted = _sorted(parse(way.kustomize()))

    made = _sorted(parse(way.helm()))

    assert {key: wanted[key] for key in wanted if key[0] != "Namespace"} == made


def test_both_mount_the_key_that_records_are_signed_with(tmp_path):
    for name in ("deploy/kustomize", "crds"):
        shutil.copytree(DEPLOY.parent / name, tmp_path / name)
    ours = tmp_path / "deploy" / "kustomize" / "overlays" / "ours"
    ours.mkdir()
    (ours / "kustomization.yaml").write_text(
        "resources: [../cluster-wide]\ncomponents: [../../components/signing]\n"
    )
    words = ("template", "mnist-operator", str(CHART), "--namespace=mnist-operator")
    key = ("Deployment", "mnist-operator", "mnist-operator")

    wanted = _sorted(parse(kustomize(ours)))[key]
    made = _sorted(
        parse(run_helm(*words, "--set=signing.secretName=mnist-operator-signing"))
    )[key]

    pod = made["spec"]["template"]["spec"]
    assert wanted["spec"] == made["spec"]
    assert "mnist-operator-signing" == pod["volumes"][0]["secret"]["secretName"]
    assert "/etc/mnist-operator/signing/key.pem" in {
        each.get("value") for each in pod["containers"][0]["env"]
    }


def test_the_documented_overlay_sets_endpoints_and_images(tmp_path):
    text = (DEPLOY.parent / "docs" / "installation.md").read_text()
    overlay = text.partition("## With kustomize")[2].split("```")[1]
    for name in ("deploy/kustomize", "crds"):
        shutil.copytree(DEPLOY.parent / name, tmp_path / name)
    ours = tmp_path / "deploy" / "kustomize" / "overlays" / "ours"
    ours.mkdir()
    (ours / "kustomization.yaml").write_text(overlay.removeprefix("yaml"))

    objects = parse(kustomize(ours))

    deployment = objects["Deployment", "mnist-operator", "mnist-operator"]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    values = {each["name"]: each["value"] for each in container["env"]}
    host = "images.example.org/mnist-operator"
    assert f"{host}/operator:{__version__}" == container["image"]
    assert f"{host}/trainer:{__version__}" == values["TRAINER_IMAGE"]
    assert "json" == values["MNIST_OPERATOR_LOG_FORMAT"]


def test_a_namespaced_installation_has_nothing_of_the_clusters():
    assert {"mnist-operator"} == {key[1] for key in parse(WAYS[1].kustomize())}
