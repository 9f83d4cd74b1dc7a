"""What the recording left out about commits, subscriptions and metadata."""

from typing import Any

import grpc
from google.protobuf import json_format
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.metadata_calls import commit_metadata, edit_keys
from contract.pfs.player import Player
from contract.pfs.scenes import (
    KINDS,
    MODEL,
    after,
    before,
    finish,
    looks,
    make_repos,
    once,
    push,
    start,
    subscribe,
)

__all__: list[str] = []


# -- 2 and 3 ---------------------------------------------------------------


@before(2, "inspect head")
def _bind_second_commit(player: Player) -> None:
    repo = player.names.repo("in")
    player.names.bind("<c2>", player.grpc.head(repo, "master"))


@before(3, "start 5 while subscribed")
def _listen_from_c4(player: Player) -> None:
    origin = {"repo": {"name": "in", "type": "user"}, "id": "<c4>"}
    player.notes["from c4"] = subscribe(
        player, "in", 60, branch="master", state="FINISHED", **{"from": origin}
    )


@before(3, "finish 5")
def _what_came_before(player: Player) -> None:
    delivered = player.notes["from c4"].wait_for(3)
    assert len(delivered) == 3


@once(3, "delivery after finish")
def _what_came_after(player: Player) -> list[Any]:
    subscription = player.notes["from c4"]
    delivered = subscription.wait_for(4)
    subscription.stop()
    return delivered


# -- 10 --------------------------------------------------------------------


@after(10, "commit on master", "commit on side")
def _finish_one_byte(player: Player) -> None:
    repo, commit = player.names.repo("del"), player.names.latest
    player.grpc.put(repo, commit, {"/a": b"a"})
    player.grpc.finish(repo, commit)


# -- 12 --------------------------------------------------------------------


@before(12, "staging in its own repo")
def _two_repos(player: Player) -> None:
    make_repos(player, "fsrc", "fdst")


@after(12, "staging in its own repo")
def _stage_five_megabytes(player: Player) -> None:
    repo, commit = player.names.repo("fsrc"), player.names.latest
    player.names.bind("<s1>", commit)
    player.grpc.put(repo, commit, {MODEL: b"5" * 5_000_000})


@after(12, "finish staging")
def _wait_for_staging(player: Player) -> None:
    player.grpc.wait(player.names.repo("fsrc"), player.names.bound["<s1>"])


# -- 13 and 14 -------------------------------------------------------------


@before(13, "delete branch side")
def _two_branches(player: Player) -> None:
    make_repos(player, "unf")
    push(player, "unf", "master", "<u-master>", {"/a": b"a"})
    push(player, "unf", "side", "<u-side>", {"/a": b"a"})


@once(13, "delivered with branch='' state=STARTED all=True")
def _unfiltered(player: Player) -> list[Any]:
    patience = 3 * player.patience
    subscription = subscribe(player, "unf", patience, state="STARTED", all=True)
    subscription.wait_for(2)
    start(player, "unf", "master", "<u3>")
    delivered = subscription.wait_for(3)
    finish(player, "unf", "<u3>")
    end = subscription.wait_for_end()
    assert len(delivered) == len(subscription.delivered)
    events = [
        {
            "id": info["commit"]["id"],
            "origin": KINDS[info["origin"]["kind"]],
            "finished": "finished" in info,
        }
        for info in delivered
    ]
    return [*events, _worded_end(end)]


def _worded_end(error: dict[str, str] | None) -> str:
    """Return an end as the recording has it; the words are the client's own."""
    code = error["code"] if error else "no end"
    return f"{code} Stream removed (Deadline Exceeded)"


@before(13, "move head back to the first commit while subscribed")
def _listen_again(player: Player) -> None:
    patience = 3 * player.patience
    subscription = subscribe(player, "unf", patience, state="STARTED", all=True)
    subscription.wait_for(3)
    player.notes["moving"] = subscription


@once(13, "events after moving the head")
def _nothing_new(player: Player) -> list[Any]:
    subscription = player.notes["moving"]
    end = subscription.wait_for_end()
    fresh = subscription.delivered[3:]
    return [*(info["commit"]["id"] for _, info in fresh), _worded_end(end)]


@once(14, "EditMetadata on a finished commit (edit_key upserts)")
def _edit_metadata(player: Player) -> dict[str, Any]:
    repo, commit = player.names.repo("unf"), player.names.bound["<u-master>"]
    pairs = {"input.repo": "overwritten", "input.commit": "abc"}
    edit_keys(player.grpc.channel, repo, commit, pairs)
    edit_keys(player.grpc.channel, repo, commit, {"input.repo": "inputrepo"})
    return {}


@looks(14, "CommitInfo field 14 re-parsed")
def _read_metadata(player: Player) -> dict[str, str]:
    request = {
        "commit": {
            "repo": {"name": player.names.repo("unf"), "type": "user"},
            "id": player.names.bound["<u-master>"],
        }
    }
    message = json_format.ParseDict(request, pb.InspectCommitRequest())
    return commit_metadata(player.grpc.stub.InspectCommit(message, timeout=60))


@once(14, "EditMetadata on a missing commit")
def _edit_nothing(player: Player) -> Any:
    repo = player.names.repo("unf")
    try:
        edit_keys(player.grpc.channel, repo, "0" * 32, {"key": "value"})
    except grpc.RpcError as error:
        return error
    return {}
