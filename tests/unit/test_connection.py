"""Addresses as people write them, and tokens that never show."""

import pytest

from mnist_operator.errors import InvalidSpecError
from mnist_operator.pachyderm import Connection
from mnist_operator.pachyderm.channel import Calls
from mnist_operator.pachyderm.connection import Target


@pytest.mark.parametrize(
    ("address", "tls", "expected"),
    [
        pytest.param(
            "pachd:30650", False, Target("pachd:30650", secure=False), id="host-port"
        ),
        pytest.param("pachd", False, Target("pachd:30650", secure=False), id="host"),
        pytest.param(
            "pachd:443", True, Target("pachd:443", secure=True), id="tls-asked-for"
        ),
        pytest.param(
            "grpc://pachd:1650", False, Target("pachd:1650", secure=False), id="grpc"
        ),
        pytest.param(
            "grpcs://pachd", False, Target("pachd:30650", secure=True), id="grpcs"
        ),
        pytest.param(
            "http://pachd.example/", False, Target("pachd.example:80", False), id="http"
        ),
        pytest.param(
            "https://pachd.example",
            False,
            Target("pachd.example:443", True),
            id="https",
        ),
        pytest.param(
            "grpc://pachd", True, Target("pachd:30650", False), id="the-scheme-decides"
        ),
        pytest.param("[::1]:650", False, Target("[::1]:650", False), id="ipv6"),
    ],
)
def test_an_address_is_taken_as_pachctl_takes_it(address, tls, expected):
    assert expected == Connection(address, tls=tls).target


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="empty"),
        pytest.param("ftp://pachd:650", id="unknown-scheme"),
        pytest.param("pachd:port", id="port-is-a-word"),
        pytest.param("pachd:70000", id="port-too-large"),
        pytest.param("https://pachd/api", id="with-a-path"),
        pytest.param("grpc://me:word@pachd", id="with-a-password"),
    ],
)
def test_an_address_that_cannot_be_dialled_is_the_users_to_change(address):
    with pytest.raises(InvalidSpecError, match=r"pachyderm\.address"):
        Connection(address).target  # noqa: B018 - the property raises


def test_a_password_in_an_address_is_not_repeated():
    with pytest.raises(InvalidSpecError) as caught:
        Connection("grpc://me:hush@pachd").target  # noqa: B018 - the property raises

    assert "hush" not in str(caught.value)


def test_neither_token_nor_certificate_shows():
    connection = Connection("pachd", token="hush", root_certificates=b"PEM hush")

    assert "hush" not in repr(connection)
    assert "hush" not in str(connection)


def test_equal_connections_share_and_another_token_does_not():
    assert Connection("pachd", token="a") == Connection("pachd", token="a")
    assert Connection("pachd", token="a") != Connection("pachd", token="b")


async def test_a_token_over_two_lines_is_refused_without_showing_it():
    calls = Calls(Connection("127.0.0.1:1", token="hush\nhush"))

    with pytest.raises(InvalidSpecError, match="one line") as caught:
        await calls.unary("InspectRepo", None)

    assert "hush" not in str(caught.value)
    await calls.close()
