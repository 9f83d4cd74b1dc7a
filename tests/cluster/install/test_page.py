"""The page beside the operator: the same from kustomize and from Helm."""

import shutil

import pytest

from cluster.install.manifests import CHART, DEPLOY, kustomize, parse, run_helm

NAME = "mnist-operator-page"


def _helm(*values):
    words = ("template", "mnist-operator", str(CHART), "--namespace=mnist-operator")
    return parse(run_helm(*words, *(f"--set={each}" for each in values)))


@pytest.fixture(name="wanted")
def _wanted(tmp_path):
    """The objects of the page, as an overlay of one's own would have them."""
    for name in ("deploy/kustomize", "crds"):
        shutil.copytree(DEPLOY.parent / name, tmp_path / name)
    ours = tmp_path / "deploy" / "kustomize" / "overlays" / "ours"
    ours.mkdir()
    (ours / "kustomization.yaml").write_text(
        "resources: [../cluster-wide]\ncomponents: [../../components/page]\n"
    )
    return {k: v for k, v in parse(kustomize(ours)).items() if NAME in k}


def test_helm_makes_the_same_page_as_kustomize(wanted):
    made = {k: v for k, v in _helm("page.enabled=true").items() if NAME in k}

    kinds = {kind for kind, *_ in wanted}
    assert {
        *("ServiceAccount", "ClusterRole", "ClusterRoleBinding"),
        *("Deployment", "Service", "NetworkPolicy"),
    } == kinds
    assert wanted == made
    assert not [key for key in _helm() if NAME in key]


def test_the_page_of_one_namespace_has_no_right_in_another():
    made = _helm("page.enabled=true", "page.namespace=team-a")

    kinds = {kind: namespace for kind, namespace, name in made if name == NAME}
    args = made["Deployment", "mnist-operator", NAME]["spec"]["template"]["spec"]
    assert ("team-a", "team-a") == (kinds["Role"], kinds["RoleBinding"])
    assert not {"ClusterRole", "ClusterRoleBinding"} & kinds.keys()
    assert ["--namespace", "team-a"] == args["containers"][0]["args"][:2]
