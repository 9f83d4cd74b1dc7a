"""Settings that do not fit are refused at the start, by the variable's name."""

import pytest

from mnist_operator.__main__ import main
from mnist_operator.settings import Settings

VARIABLES = (
    "HEALTH_PORT",
    "LEASE_NAME",
    "LEASE_NAMESPACE",
    "LOG_FORMAT",
    "LOOKS",
    "NAMESPACES",
    "RESYNC_SECONDS",
    "SCANNING",
    "SELECTOR",
    "SIGNING_KEY_FILE",
)


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(f"MNIST_OPERATOR_{name}", raising=False)
    for name in ("KUBECONFIG", "POD_NAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        pytest.param(
            {"HEALTH_PORT": "99999"},
            ["MNIST_OPERATOR_HEALTH_PORT: ", "65535", "'99999'"],
            id="a-port-that-is-none",
        ),
        pytest.param(
            {"RESYNC_SECONDS": "5m"},
            ["RESYNC_SECONDS is '5m': a number of seconds is needed, such as 300\n"],
            id="a-time-with-its-unit",
        ),
        pytest.param(
            {"LOOKS": "many"},
            ["MNIST_OPERATOR_LOOKS is 'many': a whole number is needed, such as 64\n"],
            id="no-number",
        ),
        pytest.param(
            {"SCANNING": "perhaps"},
            ["MNIST_OPERATOR_SCANNING: ", "boolean", "'perhaps'"],
            id="no-boolean",
        ),
        pytest.param(
            {"SCANNING": "false"},
            ["MNIST_OPERATOR_SCANNING", "MNIST_OPERATOR_NAMESPACES is empty: name"],
            id="a-role-without-namespaces",
        ),
        pytest.param(
            {"LEASE_NAME": "mnist-operator"},
            ["'mnist-operator'", "MNIST_OPERATOR_LEASE_NAMESPACE is empty: name"],
            id="a-lease-outside-of-a-pod",
        ),
        pytest.param(
            {"LEASE_NAME": "Mine", "LEASE_NAMESPACE": "team"},
            ["MNIST_OPERATOR_LEASE_NAME: ", "'Mine'"],
            id="no-name-of-a-lease",
        ),
        pytest.param(
            {"SELECTOR": "shard=a,team>b"},
            ["MNIST_OPERATOR_SELECTOR: ", "'team>b' is no term", "key in (a, b)"],
            id="no-selector",
        ),
        pytest.param(
            {"SIGNING_KEY_FILE": "/nowhere/key.pem"},
            [
                "MNIST_OPERATOR_SIGNING_KEY_FILE: /nowhere/key.pem cannot be read",
                "put an Ed25519 or ECDSA P-256 private key there",
            ],
            id="a-signing-key-that-is-not-there",
        ),
        pytest.param(
            {"SIGNING_KEY_FILE": __file__},
            [f"{__file__} holds no private key in PEM", "openssl genpkey"],
            id="a-signing-key-that-is-none",
        ),
    ],
)
def test_what_cannot_work_is_a_usage_error(variables, told, monkeypatch, capsys):
    for name, value in variables.items():
        monkeypatch.setenv(f"MNIST_OPERATOR_{name}", value)

    status = main()

    shown = capsys.readouterr().err
    assert 2 == status
    assert 1 == len(shown.splitlines())
    assert shown.startswith("mnist-operator: ")
    for words in told:
        assert words in shown


def test_a_standby_and_a_scan_are_as_nobody_asked_for_anything():
    settings = Settings()

    assert settings.lease is None
    assert settings.scanning


def test_the_selector_says_whose_a_training_is(monkeypatch):
    monkeypatch.setenv("MNIST_OPERATOR_SELECTOR", "shard in (a, b)")

    shard = Settings().shard

    assert shard.selects({"shard": "b"})
    assert not shard.selects({"shard": "c"})
    assert Settings(selector="").shard.selects({})


def test_nothing_is_signed_as_nobody_asked_for_it():
    assert Settings().signing_key_file is None


def test_a_lease_is_where_the_settings_say(monkeypatch):
    monkeypatch.setenv("MNIST_OPERATOR_LEASE_NAME", "mnist-operator")
    monkeypatch.setenv("MNIST_OPERATOR_LEASE_NAMESPACE", "team")
    monkeypatch.setenv("POD_NAME", "mnist-operator-0")

    settings = Settings()

    assert ("team", "mnist-operator") == settings.lease
    assert "mnist-operator-0" == settings.pod_name


def test_a_role_serves_the_namespaces_that_are_named(monkeypatch):
    monkeypatch.setenv("MNIST_OPERATOR_SCANNING", "false")
    monkeypatch.setenv("MNIST_OPERATOR_NAMESPACES", "team-a,team-b")

    settings = Settings()

    assert (False, ["team-a", "team-b"]) == (settings.scanning, settings.served)
