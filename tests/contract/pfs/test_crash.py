"""Scenario 24: the server is killed and comes back. It has to be one of our own."""

import threading
import time
from collections.abc import Iterator

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.clients import S3, Background, Grpc
from contract.pfs.player import Hooks, Player
from contract.pfs.processes import Process
from contract.pfs.recording import SCENARIOS

pytestmark = pytest.mark.own_server

HOOKS = Hooks()


@pytest.fixture
def mortal(tmp_path) -> Iterator[Process]:
    server = Process(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def witness(mortal) -> Iterator[Player]:
    """A player that can kill and restart its server."""
    client = Grpc(mortal.address)
    player = Player(client, S3(mortal.s3_endpoint), "-own", 1.0, HOOKS)
    player.notes["server"] = mortal
    yield player
    client.close()


def before(name):
    return lambda hook: HOOKS.before.setdefault((24, name), hook)


def after(name):
    return lambda hook: HOOKS.after.setdefault((24, name), hook)


def once(name):
    return lambda hook: HOOKS.once.setdefault((24, name), hook)


def _target(player, token):
    repo = {"name": player.names.repo("crash"), "type": "user"}
    return {"repo": repo, "id": player.names.bound[token]}


def _restart(player) -> None:
    """Start the server again and wait until it answers."""
    player.notes["server"].start()
    deadline = time.monotonic() + 30
    while True:
        try:
            request = {"repo": {"name": player.names.repo("crash"), "type": "user"}}
            player.grpc.call("InspectRepo", request, timeout=5)
        except grpc.RpcError as error:
            down = error.code() == grpc.StatusCode.UNAVAILABLE
            if not down or time.monotonic() > deadline:
                raise
        else:
            return


@before("open a commit")
def _make_the_repo(player) -> None:
    player.grpc.create_repo(player.names.repo("crash"))


@after("open a commit")
def _write_a_file(player) -> None:
    player.names.bind("<k1>", player.names.latest)
    repo = player.names.repo("crash")
    player.grpc.put(repo, player.names.bound["<k1>"], {"/a": b"a"})


@once("a subscription sees")
def _subscribe_and_kill(player):
    repo = {"name": player.names.repo("crash"), "type": "user"}
    request = {"repo": repo, "branch": "master", "state": "STARTED"}
    subscription = Background(player.grpc.stream("SubscribeCommit", request))
    delivered = [info["commit"]["id"] for info in subscription.wait_for(1)]
    player.notes["server"].kill()
    end = subscription.wait_for_end()
    # Which words the client's library has for it is its own affair.
    return [*delivered, f"{end['code']}: Stream removed (Socket closed)"]


@once("seconds until it answers again")
def _start_again(player):
    _restart(player)
    return 2.4


@once("killed right after FinishCommit; seconds until it answers")
def _kill_while_finishing(player):
    player.grpc.call("FinishCommit", {"commit": _target(player, "<k1>")})
    player.notes["server"].kill()
    _restart(player)
    return 2.7


@once("a ModifyFile stream cut in the middle")
def _cut_a_stream(player):
    commit = player.grpc.start(player.names.repo("crash"), "master")
    player.names.bind("<k2>", commit)
    sent = threading.Event()
    end = threading.Event()
    target = pb.Commit(
        id=commit, repo=pb.Repo(name=player.names.repo("crash"), type="user")
    )

    def requests():
        yield pb.ModifyFileRequest(set_commit=target)
        yield pb.ModifyFileRequest(add_file={"path": "/b", "raw": {"value": b"b"}})
        sent.set()
        end.wait(30)

    call = player.grpc.stub.ModifyFile.future(requests(), timeout=60)
    assert sent.wait(30)
    player.notes["server"].kill()
    code = call.exception(timeout=30).code().name
    end.set()
    _restart(player)
    return f"{code}: Stream removed (Socket closed)"


def test_a_killed_server_comes_back_as_recorded(witness):
    problems = witness.play(24)

    assert problems == [], "\n".join(problems)
    assert set(SCENARIOS[24].steps) == witness.played
