"""Alerts and dashboard: the same from kustomize and Helm, and a page of your own."""

import re
import shutil

import pytest

from cluster.install.manifests import CHART, DEPLOY, kustomize, parse, run_helm

PAGE = "https://wiki.example.org/mnist-operator"
RULES = ("PrometheusRule", "mnist-operator", "mnist-operator")
DASHBOARD = ("ConfigMap", "mnist-operator", "mnist-operator-dashboard")


@pytest.fixture(name="overlay")
def _overlay(tmp_path):
    """What kustomize makes of files in an overlay of one's own."""

    def make(**files):
        for name in ("deploy/kustomize", "crds"):
            shutil.copytree(DEPLOY.parent / name, tmp_path / name)
        ours = tmp_path / "deploy" / "kustomize" / "overlays" / "ours"
        ours.mkdir()
        for name, content in files.items():
            (ours / f"{name}.yaml").write_text(content)
        return parse(kustomize(ours))

    return make


def helm(*values):
    words = ("template", "mnist-operator", str(CHART), "--namespace=mnist-operator")
    return parse(run_helm(*words, *(f"--set={each}" for each in values)))


def pages(rules):
    """What runbook_url of each alert begins with."""
    return {
        rule["annotations"]["runbook_url"].partition("#")[0]
        for group in rules["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def test_helm_makes_the_same_alerts_and_dashboard_as_kustomize(overlay):
    parts = "[../../components/alerts, ../../components/dashboard]"
    wanted = overlay(
        kustomization=f"resources: [../cluster-wide]\ncomponents: {parts}\n"
    )
    made = helm("alerts.enabled=true", "dashboard.enabled=true")

    assert wanted[RULES] == made[RULES]
    assert wanted[DASHBOARD]["data"] == made[DASHBOARD]["data"]
    assert wanted[DASHBOARD]["metadata"] == made[DASHBOARD]["metadata"]
    assert "1" == made[DASHBOARD]["metadata"]["labels"]["grafana_dashboard"]
    assert {"docs/runbooks.md"} == pages(made[RULES])


def test_neither_is_there_unless_it_is_asked_for():
    assert not {RULES, DASHBOARD} & set(helm())


def test_helm_takes_labels_and_another_page():
    made = helm(
        "alerts.enabled=true", "alerts.labels.release=ours", f"alerts.runbooks={PAGE}"
    )

    assert "ours" == made[RULES]["metadata"]["labels"]["release"]
    assert {PAGE} == pages(made[RULES])


def test_the_documented_overlay_takes_another_page(overlay):
    text = (DEPLOY.parent / "docs" / "operations.md").read_text()
    files = dict(re.findall(r"```yaml\n# (\w+)\.yaml\n(.+?)```", text, re.DOTALL))

    made = overlay(**files)

    assert {PAGE} == pages(made[RULES])
    assert not [key for key in made if key[2] == "runbooks"]
