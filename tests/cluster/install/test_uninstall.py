"""Taking the operator away leaves nothing behind but the models."""

import json

import pytest

from cluster.install.manifests import INSTALL
from cluster.install.reader import TRAININGS, is_as_before
from documents.registry import blocks_of

HERE = "cluster/install/test_uninstall.py::"
HELM = f"{HERE}test_what_helm_installed_goes_but_for_the_definition"
GONE = f"{HERE}test_with_the_operator_gone_the_finalizer_is_taken_by_hand"
NAMESPACED = f"{HERE}test_what_one_namespace_has_comes_and_goes_alone"
RELEASE = "deploy/helm/mnist-operator --namespace mnist-operator --set standby=true"
"""What is left out where the pages say how to upgrade it."""
FINALIZER = "mnist-operator.dev/operator"
FOLLOWED = json.dumps({"metadata": {"finalizers": [FINALIZER]}})


@pytest.fixture(name="admin")
def _admin(newcomer):
    return newcomer


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param((TRAININGS, "--all", "--all-namespaces"), id="trainings"),
        pytest.param(("-f", str(INSTALL)), id="everything-at-once"),
    ],
)
async def test_with_the_operator_gone_the_finalizer_is_taken_by_hand(
    admin, terminal, asked
):
    before = admin.everything()
    install, take_finalizers = blocks_of(GONE)
    training = (TRAININGS, "mnist", "--namespace=default")
    await terminal.run(install.text)
    # The operator has begun to follow it, before it was gone.
    admin.kubectl("patch", *training, "--type=merge", f"--patch={FOLLOWED}")

    admin.kubectl("delete", "--wait=false", *asked)
    assert FINALIZER in admin.kubectl("get", *training, "--output=yaml")
    await terminal.run(take_finalizers.text)
    admin.kubectl("delete", "--wait=false", "--ignore-not-found", "-f", str(INSTALL))

    await is_as_before(admin, before)


async def test_what_helm_installed_goes_but_for_the_definition(admin, terminal):
    before = admin.everything()
    page, keys, install, take_away, upgrade = (each.text for each in blocks_of(HELM))
    namespaced = "--namespace=mnist-operator"
    await terminal.run(install)
    await terminal.run(f"(cd deploy/helm/mnist-operator; {upgrade})")
    await terminal.run(page.replace("…", RELEASE))
    await terminal.run(keys.replace("…", RELEASE))
    told = admin.kubectl("get", "deployments", namespaced, "--output=json")
    operator, shown = (each["spec"] for each in json.loads(told)["items"])
    await terminal.run("helm uninstall mnist-operator --namespace mnist-operator")
    admin.kubectl("delete", "configmap", "mnist-operator-keys", namespaced)
    left = admin.everything() - before

    await terminal.run(take_away)

    await is_as_before(admin, before)
    [container] = operator["template"]["spec"]["containers"]
    [page_container] = shown["template"]["spec"]["containers"]
    assert container["image"].startswith("images.example.org/mnist-operator/operator:")
    assert (2, "RollingUpdate") == (operator["replicas"], operator["strategy"]["type"])
    assert {
        "MNISTCTL_ALLOW_HOST": "mnist.example.org",
        "MNISTCTL_KEY": page_container["volumeMounts"][-1]["mountPath"],
    }.items() <= {e["name"]: e.get("value") for e in page_container["env"]}.items()
    assert {
        f"CustomResourceDefinition /{TRAININGS}",
        "Namespace /mnist-operator",
    } == left


async def test_what_one_namespace_has_comes_and_goes_alone(admin, terminal):
    before = admin.everything()
    [install] = blocks_of(NAMESPACED)
    *_, take_away, _ = (each.text for each in blocks_of(HELM))
    await terminal.run(install.text)
    added = admin.everything() - before
    operator = "mnist-operator:mnist-operator"
    may = [admin.may(operator, "list", TRAININGS, each) for each in ("", "team")]
    own = admin.may(operator, "list", TRAININGS, "mnist-operator")
    await terminal.run("kubectl delete -k deploy/kustomize/overlays/namespaced")
    await terminal.run(take_away)

    await is_as_before(admin, before)
    assert "Deployment mnist-operator/mnist-operator" in added
    assert not [each for each in added if each.startswith("ClusterRole")]
    assert ([False, False], True) == (may, own)
