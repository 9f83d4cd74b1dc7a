"""From Prometheus to the port: what the shipped manifests say of it must agree."""

from pathlib import Path

import pytest
import yaml

KUSTOMIZE = Path(__file__).resolve().parents[2] / "deploy" / "kustomize"
COMPONENTS = KUSTOMIZE / "components"


def load(path):
    [body] = yaml.safe_load_all(path.read_text())
    return body


POD = load(KUSTOMIZE / "base" / "deployment.yaml")["spec"]["template"]
[CONTAINER] = POD["spec"]["containers"]
[PORT] = [each for each in CONTAINER["ports"] if each["name"] == "metrics"]
SERVICE = load(COMPONENTS / "service-monitor" / "service.yaml")


def test_the_operator_answers_on_the_port_that_its_pod_names():
    values = {each["name"]: each["value"] for each in CONTAINER["env"]}

    assert str(PORT["containerPort"]) == values["MNIST_OPERATOR_METRICS_PORT"]


def test_the_service_leads_to_that_port_of_that_pod():
    spec = SERVICE["spec"]

    assert spec["selector"].items() <= POD["metadata"]["labels"].items()
    assert [PORT["name"]] == [each["targetPort"] for each in spec["ports"]]
    assert [PORT["containerPort"]] == [each["port"] for each in spec["ports"]]


def test_the_service_monitor_finds_the_service():
    monitor = load(COMPONENTS / "service-monitor" / "monitor.yaml")["spec"]

    labels = SERVICE["metadata"]["labels"].items()
    assert monitor["selector"]["matchLabels"].items() <= labels
    [port] = SERVICE["spec"]["ports"]
    assert [port["name"]] == [each["port"] for each in monitor["endpoints"]]


def test_the_pod_monitor_finds_the_pod():
    monitor = load(COMPONENTS / "pod-monitor" / "monitor.yaml")["spec"]

    labels = POD["metadata"]["labels"].items()
    assert monitor["selector"]["matchLabels"].items() <= labels
    assert [PORT["name"]] == [each["port"] for each in monitor["podMetricsEndpoints"]]


@pytest.mark.parametrize(
    ("folder", "part"),
    [("service-monitor", "endpoints"), ("pod-monitor", "podMetricsEndpoints")],
)
def test_the_namespace_of_a_training_stays_its_own(folder, part):
    """Else Prometheus puts the operator's there, and renames ours."""
    [endpoint] = load(COMPONENTS / folder / "monitor.yaml")["spec"][part]

    assert endpoint["honorLabels"] is True


def test_the_network_policy_lets_prometheus_in_and_nobody_else():
    policy = load(COMPONENTS / "network-policy" / "operator.yaml")["spec"]
    [rule] = policy["ingress"]

    assert [PORT["containerPort"]] == [each["port"] for each in rule["ports"]]
    [source] = rule["from"]
    wanted = {"kubernetes.io/metadata.name": "monitoring"}
    assert {"namespaceSelector": {"matchLabels": wanted}} == source
