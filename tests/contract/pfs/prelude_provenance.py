"""What the recording left out about branches that descend from others."""

from typing import Any

import grpc
import pytest

from contract.pfs.player import Player
from contract.pfs.scenes import (
    MODEL,
    after,
    before,
    head,
    history,
    in_short,
    looks,
    make_repos,
    once,
    push,
)

__all__: list[str] = []


# -- 15 --------------------------------------------------------------------


@before(15, "out@master provenance in@master")
def _input_and_output(player: Player) -> None:
    make_repos(player, "pin", "pout")


@after(15, "out@master provenance in@master")
def _bind_first_auto_commit(player: Player) -> None:
    repo = player.names.repo("pout")
    player.names.bind("<auto0>", player.grpc.head(repo, "master"))


@before(15, "S3 get from out@master while its AUTO head is open")
def _first_input(player: Player) -> None:
    push(player, "pin", "master", "<in1>", {"/a": b"1"})


@before(15, "write model 1 by commit id")
def _second_input(player: Player) -> None:
    push(player, "pin", "master", "<in2>", {"/a": b"2"})


# -- 22 --------------------------------------------------------------------


@before(22, "give out@master provenance on in@master, keeping its head")
def _a_branch_with_history(player: Player) -> None:
    make_repos(player, "nin", "nout", "nout2")
    push(player, "nin", "master", "<n-in1>", {"/a": b"1"})
    repo = player.names.repo("nout")
    commit = player.grpc.push(repo, "master", {MODEL: b"m1"}, description="plain")
    player.names.bind("<n-out1>", commit)


@looks(22, "head after the switch", "head after re-declaring the same provenance")
def _head_of_output(player: Player) -> dict[str, Any]:
    return head(player, "nout", "master")


@looks(22, "commits after the switch")
def _history_of_output(player: Player) -> list[dict[str, Any]]:
    return history(player, "nout", "master")


@looks(22, "finished")
def _first_auto_commit(player: Player) -> dict[str, Any]:
    return in_short(player, "nout", player.names.bound["<n-auto1>"])


@before(22, "two pushes: two open AUTO commits with the inputs' ids")
def _two_pushes(player: Player) -> None:
    push(player, "nin", "master", "<n-in2>", {"/a": b"2"})
    push(player, "nin", "master", "<n-in3>", {"/a": b"3"})


@looks(22, "two pushes: two open AUTO commits with the inputs' ids")
def _two_open(player: Player) -> list[dict[str, Any]]:
    return history(player, "nout", "master")


@once(22, "younger after a second")
def _younger_waits(player: Player) -> dict[str, Any]:
    repo, commit = player.names.repo("nout"), player.names.bound["<n-in3>"]
    with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED"):
        player.grpc.wait(repo, commit, timeout=player.patience)
    return in_short(player, "nout", commit)


@looks(22, "older")
def _older(player: Player) -> dict[str, Any]:
    return in_short(player, "nout", player.names.bound["<n-in2>"])


@looks(22, "younger two seconds later")
def _younger(player: Player) -> dict[str, Any]:
    return in_short(player, "nout", player.names.bound["<n-in3>"])


@looks(22, "its head")
def _head_of_staged(player: Player) -> dict[str, Any]:
    return head(player, "nout", "staged")


# -- 23 --------------------------------------------------------------------


@before(23, "pin to input 1")
def _three_inputs(player: Player) -> None:
    make_repos(player, "pi", "po")
    for number in (1, 2, 3):
        push(player, "pi", "master", f"<q-in{number}>", {"/a": b"%d" % number})


@looks(
    23,
    "AUTO commit for input 1",
    "AUTO commit for input 2",
    "AUTO commit for input 3",
)
def _staged(player: Player) -> dict[str, Any]:
    return head(player, "po", "staged")


@once(23, "publish took")
def _published(player: Player) -> None:
    """Wait where the recording measured; how long it took is not compared."""
    repo = player.names.repo("po")
    player.grpc.wait(repo, player.grpc.head(repo, "master"))


@looks(23, "history of master: provenance of each")
def _published_models(player: Player) -> list[dict[str, Any]]:
    return history(player, "po", "master")


@looks(23, "new AUTO commit?", "new AUTO commit now?")
def _is_new(player: Player) -> bool:
    head = player.grpc.head(player.names.repo("po"), "staged")
    player.notes["staged head"] = head
    return head != player.names.bound["<q-out2>"]


@once(23, "staged untouched by it")
def _untouched(player: Player) -> bool:
    """Compare with the last model, as the recording did: pinning moved it on."""
    head = player.grpc.head(player.names.repo("po"), "staged")
    assert player.notes["staged head"] == head
    return head == player.names.bound["<q-out2>"]
