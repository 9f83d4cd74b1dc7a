"""What Helm tells whoever installs the chart."""

import pytest

from cluster.install.manifests import CHART, run_helm


@pytest.fixture(name="install")
def _install(plane, account):
    """Install the chart with these values, but for the last step; what Helm says."""

    def install(namespace, *values):
        where = (f"--kubeconfig={plane.kubeconfig}", f"--namespace={namespace}")
        # The objects are there already, and not Helm's.
        tried = ("--dry-run=server", "--take-ownership", "--skip-crds")
        words = [f"--set={each}" for each in values]
        told = run_helm("install", "mnist-operator", str(CHART), *where, *tried, *words)
        return told.partition("NOTES:")[2]

    return install


def test_the_notes_name_what_is_served_and_what_is_to_be_done(install, namespace):
    notes = install(namespace)

    assert "serves all namespaces" in notes
    assert "pachd.pachyderm:30650" in notes
    assert "--set secrets.namespaces=" in notes
    assert f"kubectl label namespace {namespace} pod-security.kubernetes.io" in notes


def test_the_notes_leave_out_what_is_done_already(install):
    named = ("namespaces={mnist-operator}", "secrets.namespaces={mnist-operator}")

    notes = install("mnist-operator", *named)

    assert "serves mnist-operator." in notes
    assert "--set secrets.namespaces=" not in notes
    assert "kubectl label namespace" not in notes


def test_helm_finds_nothing_wrong_with_the_chart():
    assert "0 chart(s) failed" in run_helm("lint", "--strict", str(CHART))
