"""deploy/kustomize/base: what a cluster would be asked to run, and to allow."""

from pathlib import Path

import pytest
import yaml

from mnist_operator.settings import Settings

BASE = Path(__file__).resolve().parents[2] / "deploy" / "kustomize" / "base"


def _documents(name):
    return [each for each in yaml.safe_load_all((BASE / name).read_text()) if each]


ROLES = {
    each["metadata"]["name"]: each["rules"]
    for each in _documents("rbac.yaml")
    if each["kind"] == "ClusterRole"
}
GRANTED = {
    (group, resource, verb)
    for rule in ROLES["mnist-operator"]
    for group in rule["apiGroups"]
    for resource in rule["resources"]
    for verb in rule["verbs"]
}
DEPLOYMENT = _documents("deployment.yaml")[0]
POD = DEPLOYMENT["spec"]["template"]["spec"]
CONTAINER = POD["containers"][0]

SETTINGS = {f"MNIST_OPERATOR_{name}".upper() for name in Settings.model_fields} | {
    "PACHD_ADDRESS",
    "S3_ENDPOINT",
    "TRAINER_IMAGE",
    "POD_NAME",
}
"""Every variable that the operator reads."""

OURS, TFJOBS = "mnist-operator.dev", "kubeflow.org"


@pytest.mark.parametrize(
    ("group", "resource", "verbs"),
    [
        pytest.param(
            OURS, "mnisttrainings", "get list watch patch", id="follow-trainings"
        ),
        pytest.param(OURS, "mnisttrainings/status", "patch", id="write-status"),
        pytest.param(
            TFJOBS, "tfjobs", "list watch create delete patch", id="run-tfjobs"
        ),
        pytest.param("", "pods", "list", id="look-at-pods"),
        pytest.param("", "pods/log", "get", id="keep-the-log"),
        pytest.param("", "events", "create list", id="tell-and-read-events"),
        pytest.param("", "namespaces", "list watch", id="find-new-namespaces"),
        pytest.param(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            "list watch",
            id="notice-new-definitions",
        ),
    ],
)
def test_the_operator_may(group, resource, verbs):
    assert {(group, resource, verb) for verb in verbs.split()} <= GRANTED


@pytest.mark.parametrize(
    ("group", "resource", "verb"),
    [
        pytest.param("", "secrets", "get", id="read-every-secret"),
        pytest.param("", "pods", "create", id="create-pods"),
        pytest.param("", "pods", "delete", id="delete-pods"),
        pytest.param(OURS, "mnisttrainings", "delete", id="delete-a-training"),
        pytest.param(TFJOBS, "tfjobs", "update", id="replace-a-tfjob"),
    ],
)
def test_the_operator_may_not(group, resource, verb):
    assert (group, resource, verb) not in GRANTED


def test_no_role_grants_by_wildcard():
    text = (BASE / "rbac.yaml").read_text()

    assert "*" not in text


def test_every_rule_has_its_reason_above_it():
    lines = (BASE / "rbac.yaml").read_text().splitlines()
    rules = [i for i, line in enumerate(lines) if line.startswith("  - apiGroups:")]

    assert rules
    assert all(lines[i - 1].startswith("  #") for i in rules)


def test_secrets_are_read_only_where_a_namespace_allows_it():
    bindings = [
        each["roleRef"]["name"]
        for each in _documents("rbac.yaml")
        if each["kind"] == "ClusterRoleBinding"
    ]

    assert [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}] == (
        ROLES["mnist-operator-secrets"]
    )
    assert bindings == ["mnist-operator"]


def test_there_is_one_operator_at_a_time():
    spec = DEPLOYMENT["spec"]

    assert (1, "Recreate") == (spec["replicas"], spec["strategy"]["type"])


def test_the_pod_meets_the_restricted_standard():
    own, context = POD["securityContext"], CONTAINER["securityContext"]

    assert own["runAsNonRoot"] is True
    assert own["runAsUser"] > 0
    assert own["seccompProfile"] == {"type": "RuntimeDefault"}
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}


def test_the_image_runs_as_the_user_that_the_pod_asks_for():
    dockerfile = (BASE.parents[2] / "Dockerfile.operator").read_text()
    user = POD["securityContext"]["runAsUser"]

    assert f"USER {user}:{user}" in dockerfile


@pytest.mark.parametrize(
    ("probe", "path"),
    [
        ("startupProbe", "/livez"),
        ("livenessProbe", "/livez"),
        ("readinessProbe", "/readyz"),
    ],
)
def test_a_probe_asks_where_the_operator_answers(probe, path):
    [port, _] = CONTAINER["ports"]

    assert {"path": path, "port": port["name"]} == CONTAINER[probe]["httpGet"]
    assert Settings.model_fields["health_port"].default == port["containerPort"]


def test_the_environment_names_settings_that_exist(monkeypatch):
    values = {each["name"]: each["value"] for each in CONTAINER["env"]}
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    settings = Settings()

    assert set(values) <= SETTINGS
    assert settings.pachd_address == values["PACHD_ADDRESS"]
    assert settings.s3_endpoint == values["S3_ENDPOINT"]
    assert settings.trainer_image == values["TRAINER_IMAGE"]
    assert settings.log_format == values["MNIST_OPERATOR_LOG_FORMAT"]
    assert {"name": "metrics", "containerPort": settings.metrics_port} in (
        CONTAINER["ports"]
    )
