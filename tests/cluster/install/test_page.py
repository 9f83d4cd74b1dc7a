"""The page beside the operator: the same from kustomize and from Helm."""

import shutil

import pytest

from cluster.install.manifests import CHART, DEPLOY, kustomize, parse, run_helm

NAME = "mnist-operator-page"


def _helm(*values):
    words = ("template", "mnist-operator", str(CHART), "--namespace=mnist-operator")
    return parse(run_helm(*words, *(f"--set={each}" for each in values)))


@pytest.fixture(name="overlay")
def _overlay(tmp_path):
    """The objects of the page, as an overlay of one's own would have them."""
    for name in ("deploy/kustomize", "crds"):
        shutil.copytree(DEPLOY.parent / name, tmp_path / name)
    ours = tmp_path / "deploy" / "kustomize" / "overlays" / "ours"
    ours.mkdir()

    def build(*components):
        named = ", ".join(f"../../components/{each}" for each in components)
        text = f"resources: [../cluster-wide]\ncomponents: [{named}]\n"
        (ours / "kustomization.yaml").write_text(text)
        return {k: v for k, v in parse(kustomize(ours)).items() if NAME in k}

    return build


def _container(made):
    """What the page's pod has, and its only container."""
    pod = made["Deployment", "mnist-operator", NAME]["spec"]["template"]["spec"]
    return pod, pod["containers"][0]


def test_helm_makes_the_same_page_as_kustomize(overlay):
    wanted = overlay("page")
    made = {k: v for k, v in _helm("page.enabled=true").items() if NAME in k}

    kinds = {kind for kind, *_ in wanted}
    assert {
        *("ServiceAccount", "ClusterRole", "ClusterRoleBinding"),
        *("Deployment", "Service", "NetworkPolicy"),
    } == kinds
    assert wanted == made
    assert not [key for key in _helm() if NAME in key]
    _, container = _container(made)
    assert "MNISTCTL_KEY" not in {each["name"] for each in container["env"]}


def test_public_keys_are_mounted_to_be_read_and_named_to_the_page(overlay):
    wanted = overlay("page", "page-keys")
    values = ("page.enabled=true", "page.keysConfigMap=mnist-operator-keys")
    made = {k: v for k, v in _helm(*values).items() if NAME in k}

    for pod, container in (_container(wanted), _container(made)):
        told = {each["name"]: each.get("value") for each in container["env"]}
        [mount] = [m for m in container["volumeMounts"] if m["name"] == "keys"]
        [volume] = [each for each in pod["volumes"] if each["name"] == "keys"]
        assert told["MNISTCTL_KEY"] == mount["mountPath"]
        assert mount["readOnly"]
        assert "mnist-operator-keys" == volume["configMap"]["name"]
    for objects in (wanted, made):
        pod, container = _container(objects)
        pod["volumes"].sort(key=lambda each: each["name"])
        for part in ("env", "volumeMounts"):
            container[part].sort(key=lambda each: each["name"])
    assert wanted == made


def test_the_page_of_one_namespace_has_no_right_in_another():
    made = _helm("page.enabled=true", "page.namespace=team-a")

    kinds = {kind: namespace for kind, namespace, name in made if name == NAME}
    _, container = _container(made)
    assert ("team-a", "team-a") == (kinds["Role"], kinds["RoleBinding"])
    assert not {"ClusterRole", "ClusterRoleBinding"} & kinds.keys()
    assert ["--namespace", "team-a"] == container["args"][:2]
