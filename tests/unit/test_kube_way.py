"""Which proxy lies between us and the API server, and what a Secret holds."""

import base64

import pytest

from mnist_operator.errors import InvalidSpecError
from mnist_operator.kube.answers import read_values
from mnist_operator.kube.connecting import find_proxy

_PROXIES = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.1,.svc"}


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        pytest.param("https://kube.example:6443", "http://proxy:3128", id="through it"),
        pytest.param("https://10.0.0.1:443", None, id="an address that is left out"),
        pytest.param("https://kube.team.svc", None, id="a domain that is left out"),
        pytest.param("http://kube.example", None, id="none for its scheme"),
    ],
)
def test_the_environment_says_which_proxy_is_used(monkeypatch, server, expected):
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in _PROXIES.items():
        monkeypatch.setenv(name, value)

    assert expected == find_proxy(server)


def test_the_values_of_a_secret_are_decoded():
    data = {"token": base64.b64encode(b"t\n").decode(), "empty": ""}

    assert {"token": b"t\n", "empty": b""} == read_values({"data": data}, "team/s")
    assert {} == read_values({}, "team/s")


@pytest.mark.parametrize("value", ["a", "hushé", None, 1])
def test_a_value_that_is_not_in_base64_names_the_secret_and_its_key(value):
    with pytest.raises(InvalidSpecError, match=r"key token of Secret team/s ") as told:
        read_values({"data": {"token": value}}, "team/s")

    assert "hush" not in str(told.value)
