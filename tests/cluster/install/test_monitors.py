"""What lets Prometheus find the metrics: the same from kustomize and from Helm."""

import shutil

import pytest

from cluster.install.manifests import CHART, DEPLOY, kustomize, parse, run_helm


@pytest.fixture(name="with_component")
def _with_component(tmp_path):
    """The cluster-wide overlay and one component more, as an overlay of one's own."""

    def make(component):
        for name in ("deploy/kustomize", "crds"):
            shutil.copytree(DEPLOY.parent / name, tmp_path / name)
        ours = tmp_path / "deploy" / "kustomize" / "overlays" / "ours"
        ours.mkdir()
        (ours / "kustomization.yaml").write_text(
            "resources: [../cluster-wide]\n"
            f"components: [../../components/{component}]\n"
        )
        return parse(kustomize(ours))

    return make


def _helm(*values):
    words = ("template", "mnist-operator", str(CHART), "--namespace=mnist-operator")
    return parse(run_helm(*words, *(f"--set={each}" for each in values)))


@pytest.mark.parametrize(
    ("component", "monitor", "kinds"),
    [
        ("service-monitor", "ServiceMonitor", {"Service", "ServiceMonitor"}),
        ("pod-monitor", "PodMonitor", {"PodMonitor"}),
    ],
)
def test_helm_makes_the_same_monitors_as_kustomize(
    with_component, component, monitor, kinds
):
    wanted = with_component(component)
    made = _helm(f"metrics.monitor={monitor}")

    mine = {key for key in wanted if key[0] in {*kinds, "Service"}}
    assert kinds == {kind for kind, _, _ in mine}
    assert {each: wanted[each]["spec"] for each in mine} == {
        each: made[each]["spec"] for each in mine
    }
    assert not [key for key in _helm() if key[0] in kinds]


def test_helm_without_metrics_opens_no_port():
    made = _helm("metrics.enabled=false", "networkPolicy.enabled=true")

    pod = made["Deployment", "mnist-operator", "mnist-operator"]["spec"]["template"]
    [container] = pod["spec"]["containers"]
    policy = made["NetworkPolicy", "mnist-operator", "mnist-operator"]
    assert ["health"] == [each["name"] for each in container["ports"]]
    assert not [e for e in container["env"] if "METRICS" in e["name"]]
    assert [] == policy["spec"]["ingress"]
