"""Ports that are kept for one server, however often it stops."""

import socket

import pytest

from local_cluster.ports import HeldPort


def listen(address):
    """Be a server there, for one connection."""
    with (
        socket.create_server(address) as server,
        socket.create_connection(address, timeout=20),
    ):
        server.accept()[0].close()


def test_one_server_after_the_other_can_listen_there():
    held = HeldPort()

    for _ in range(2):
        listen(("127.0.0.1", held.number))


def test_nobody_else_gets_it_and_connections_are_refused():
    held = HeldPort()
    address = ("127.0.0.1", held.number)

    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(address)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=20)


def test_it_may_be_held_on_all_addresses():
    held = HeldPort("")

    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", held.number))


def test_what_was_let_go_anybody_may_have():
    held = HeldPort()
    held.let_go()

    with socket.socket() as other:
        other.bind(("127.0.0.1", held.number))


def test_it_is_let_go_with_the_last_who_knows_of_it():
    number = HeldPort().number

    with socket.socket() as other:
        other.bind(("127.0.0.1", number))
