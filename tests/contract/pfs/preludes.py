"""What the recording left out: setting a scene, and looking in between."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

from contract.pfs.clients import Background
from contract.pfs.metadata_calls import commit_metadata, edit_keys
from contract.pfs.player import Hooks, Player, Special

__all__ = ["HOOKS"]

HOOKS = Hooks()

_MODEL = "/data/my_model.h5"
_EXTRA = "/data/extra.txt"
_KINDS = {"ORIGIN_KIND_UNKNOWN": 0, "USER": 1, "AUTO": 2}


def _register(
    table: dict[tuple[int, str], Special], scenario: int, *names: str
) -> Callable[[Special], Special]:
    def keep(special: Special) -> Special:
        for name in names:
            assert (scenario, name) not in table, f"{name} twice"
            table[scenario, name] = special
        return special

    return keep


def before(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.before, scenario, *names)


def after(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.after, scenario, *names)


def once(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.once, scenario, *names)


def looks(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.looks, scenario, *names)


# -- what several scenarios do ---------------------------------------------


def _make_repos(player: Player, *names: str) -> None:
    for name in names:
        player.grpc.create_repo(player.names.repo(name))


def _push(
    player: Player, repo: str, branch: str, token: str, files: dict[str, bytes]
) -> None:
    commit = player.grpc.push(player.names.repo(repo), branch, files)
    player.names.bind(token, commit)


def _start(player: Player, repo: str, branch: str, token: str) -> None:
    player.names.bind(token, player.grpc.start(player.names.repo(repo), branch))


def _finish(player: Player, repo: str, token: str) -> None:
    player.grpc.finish(player.names.repo(repo), player.names.bound[token])


def _files(player: Player, repo: str, token: str) -> list[list[Any]]:
    _finish(player, repo, token)
    return player.grpc.files(player.names.repo(repo), player.names.bound[token])


def _subscribe(player: Player, repo: str, timeout: float, **more: Any) -> Background:
    named = {"name": player.names.repo(repo), "type": "user"}
    request = {"repo": named, **player.names.request(more)}
    return Background(player.grpc.stream("SubscribeCommit", request, timeout))


def _brief(player: Player, repo: str, identity: str) -> dict[str, Any]:
    """Return a commit as the recording's short form has it."""
    named = {"repo": {"name": player.names.repo(repo), "type": "user"}}
    info = player.grpc.call("InspectCommit", {"commit": {**named, "id": identity}})
    provenance = [
        [each["repo"]["name"], each["id"]] for each in info.get("direct_provenance", [])
    ]
    return {
        "id": info["commit"]["id"],
        "origin": _KINDS[info["origin"]["kind"]],
        "description": info.get("description", ""),
        "parent": info.get("parent_commit", {}).get("id", ""),
        "provenance": provenance,
        "finishing": "finishing" in info,
        "finished": "finished" in info,
        "error": info.get("error", ""),
    }


def _head(player: Player, repo: str, branch: str) -> dict[str, Any]:
    return _brief(player, repo, player.grpc.head(player.names.repo(repo), branch))


def _history(player: Player, repo: str, branch: str) -> list[dict[str, Any]]:
    """Return a branch's commits as the recording's other short form has them."""
    named = {"name": player.names.repo(repo), "type": "user"}
    to = {"repo": named, "branch": {"repo": named, "name": branch}}
    call = player.grpc.stream("ListCommit", {"repo": named, "to": to})
    briefs = []
    for message in call:
        brief = _brief(player, repo, message.commit.id)
        brief["provenance"] = [identity for _, identity in brief["provenance"]]
        del brief["finishing"], brief["parent"]
        briefs.append(brief)
    return briefs


# -- 2 and 3 ---------------------------------------------------------------


@before(2, "inspect head")
def _bind_second_commit(player: Player) -> None:
    repo = player.names.repo("in")
    player.names.bind("<c2>", player.grpc.head(repo, "master"))


@before(3, "start 5 while subscribed")
def _listen_from_c4(player: Player) -> None:
    origin = {"repo": {"name": "in", "type": "user"}, "id": "<c4>"}
    player.notes["from c4"] = _subscribe(
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
    _make_repos(player, "fsrc", "fdst")


@after(12, "staging in its own repo")
def _stage_five_megabytes(player: Player) -> None:
    repo, commit = player.names.repo("fsrc"), player.names.latest
    player.names.bind("<s1>", commit)
    player.grpc.put(repo, commit, {_MODEL: b"5" * 5_000_000})


@after(12, "finish staging")
def _wait_for_staging(player: Player) -> None:
    player.grpc.wait(player.names.repo("fsrc"), player.names.bound["<s1>"])


# -- 13 and 14 -------------------------------------------------------------


@before(13, "delete branch side")
def _two_branches(player: Player) -> None:
    _make_repos(player, "unf")
    _push(player, "unf", "master", "<u-master>", {"/a": b"a"})
    _push(player, "unf", "side", "<u-side>", {"/a": b"a"})


@once(13, "delivered with branch='' state=STARTED all=True")
def _unfiltered(player: Player) -> list[Any]:
    patience = 3 * player.patience
    subscription = _subscribe(player, "unf", patience, state="STARTED", all=True)
    subscription.wait_for(2)
    _start(player, "unf", "master", "<u3>")
    delivered = subscription.wait_for(3)
    _finish(player, "unf", "<u3>")
    end = subscription.wait_for_end()
    assert len(delivered) == len(subscription.delivered)
    events = [
        {
            "id": info["commit"]["id"],
            "origin": _KINDS[info["origin"]["kind"]],
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
    subscription = _subscribe(player, "unf", patience, state="STARTED", all=True)
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


# -- 15 --------------------------------------------------------------------


@before(15, "out@master provenance in@master")
def _input_and_output(player: Player) -> None:
    _make_repos(player, "pin", "pout")


@after(15, "out@master provenance in@master")
def _bind_first_auto_commit(player: Player) -> None:
    repo = player.names.repo("pout")
    player.names.bind("<auto0>", player.grpc.head(repo, "master"))


@before(15, "S3 get from out@master while its AUTO head is open")
def _first_input(player: Player) -> None:
    _push(player, "pin", "master", "<in1>", {"/a": b"1"})


@before(15, "write model 1 by commit id")
def _second_input(player: Player) -> None:
    _push(player, "pin", "master", "<in2>", {"/a": b"2"})


# -- 16 --------------------------------------------------------------------


@once(16, "file set copy / start+add+finish / until FINISHED (ms)")
def _publish_with_a_file_set(player: Player) -> Any:
    """Play the measured call chain; how long it takes is not compared."""
    if "published" not in player.notes:
        _make_repos(player, "tsrc", "tdst")
        _push(player, "tsrc", "master", "<t-src>", {_MODEL: b"5" * 5_000_000})
    player.notes["published"] = True
    source = player.names.request(
        {"repo": {"name": "tsrc", "type": "user", "project": {"name": "default"}}}
    )
    source["id"] = player.names.bound["<t-src>"]
    copy = {"dst": _MODEL, "src": {"commit": source, "path": _MODEL}}
    made = player.grpc.call("CreateFileSet", [{"copy_file": copy}])
    repo = player.names.repo("tdst")
    commit = player.grpc.start(repo, "master")
    target = {"repo": {"name": repo, "type": "user"}, "id": commit}
    player.grpc.call("AddFileSet", {"commit": target, **made})
    player.grpc.finish(repo, commit)
    assert player.grpc.files(repo, commit) == [[_MODEL, 5_000_000]]


# -- 17 and 18 -------------------------------------------------------------


@before(17, "attempt 1 opens its staging commit")
def _run_repo(player: Player) -> None:
    _make_repos(player, "runs")


_LARGE_COMMIT = "bf764cee7cea4dcb8edd3d8e3f3e5646"


@before(18, "40 MB in one PUT")
def _start_with_a_large_description(player: Player) -> None:
    repo = player.names.repo("runs")
    commit = player.grpc.start(repo, "slot1", description="d" * 100_000)
    player.names.bind(_LARGE_COMMIT, commit)


@looks(18, "100 kB description kept")
def _length_of_the_description(player: Player) -> int:
    brief = _brief(player, "runs", player.names.bound[_LARGE_COMMIT])
    return len(brief["description"])


@once(18, "5 MB description accepted")
def _five_megabytes_of_description(player: Player) -> bool:
    repo = player.names.repo("runs")
    commit = player.grpc.start(repo, "slot2", description="d" * 5_000_000)
    player.grpc.finish(repo, commit)
    return len(_brief(player, "runs", commit)["description"]) == 5_000_000


# -- 19 to 21 --------------------------------------------------------------


@before(19, "file set: delete /, copy the model, add lineage.json")
def _old_model_and_new(player: Player) -> None:
    _make_repos(player, "dd")
    old = {_MODEL: b"older", _EXTRA: b"inherited"}
    _push(player, "dd", "master", "<d1>", old)
    _push(player, "dd", "staging", "<ds>", {_MODEL: b"new"})


@before(20, "the commit with the clash")
def _bind_the_clash(player: Player) -> None:
    commit = player.grpc.head(player.names.repo("dd"), "master")
    player.names.bind("16b029c4bd794d8780fbb64fe1e639c2", commit)


@before(21, "file set with explicit file deletes")
def _deep_files(player: Player) -> None:
    _make_repos(player, "de")
    old = {_MODEL: b"older", _EXTRA: b"extra", "/data/sub/deep.txt": b"deep"}
    _push(player, "de", "master", "<e1>", old)
    _push(player, "de", "staging", "<es>", {_MODEL: b"new"})


@after(21, "file set with explicit file deletes")
def _note_the_file_set(player: Player) -> None:
    player.notes["file set"] = player.names.latest


@once(21, "files after explicit deletes")
def _after_explicit_deletes(player: Player) -> list[list[Any]]:
    _start(player, "de", "master", "<e3>")
    repo = {"name": player.names.repo("de"), "type": "user"}
    commit = {"repo": repo, "id": player.names.bound["<e3>"]}
    added = {"commit": commit, "file_set_id": player.notes["file set"]}
    player.grpc.call("AddFileSet", added)
    return _files(player, "de", "<e3>")


@before(21, "one ModifyFile stream on the open commit: delete /, copy, add")
def _something_to_inherit(player: Player) -> None:
    _push(player, "de", "master", "<e3b>", {_EXTRA: b"again"})
    _start(player, "de", "master", "<e4>")


@once(21, "files after delete / in the stream")
def _after_the_stream(player: Player) -> list[list[Any]]:
    return _files(player, "de", "<e4>")


@before(21, "the same stream twice (a retry)")
def _next_commit(player: Player) -> None:
    _start(player, "de", "master", "<e5>")


@once(21, "files after the retry")
def _after_the_retry(player: Player) -> list[list[Any]]:
    return _files(player, "de", "<e5>")


@once(21, "delete of a directory by /data/ and a file")
def _delete_a_directory(player: Player) -> None:
    _start(player, "de", "master", "<e6>")
    repo = {"name": "de", "type": "user", "project": {"name": "default"}}
    source = {"commit": {"repo": repo, "id": "<es>"}, "path": _MODEL}
    changes = [
        {"set_commit": {"repo": repo, "id": "<e6>"}},
        {"delete_file": {"path": "/data/"}},
        {"delete_file": {"path": "/lineage.json"}},
        {"copy_file": {"dst": _MODEL, "src": source}},
    ]
    player.grpc.call("ModifyFile", player.names.request(changes))


@once(21, "files")
def _after_deleting(player: Player) -> list[list[Any]]:
    return _files(player, "de", "<e6>")


# -- 22 --------------------------------------------------------------------


@before(22, "give out@master provenance on in@master, keeping its head")
def _a_branch_with_history(player: Player) -> None:
    _make_repos(player, "nin", "nout", "nout2")
    _push(player, "nin", "master", "<n-in1>", {"/a": b"1"})
    repo = player.names.repo("nout")
    commit = player.grpc.push(repo, "master", {_MODEL: b"m1"}, description="plain")
    player.names.bind("<n-out1>", commit)


@looks(22, "head after the switch", "head after re-declaring the same provenance")
def _head_of_output(player: Player) -> dict[str, Any]:
    return _head(player, "nout", "master")


@looks(22, "commits after the switch")
def _history_of_output(player: Player) -> list[dict[str, Any]]:
    return _history(player, "nout", "master")


@looks(22, "finished")
def _first_auto_commit(player: Player) -> dict[str, Any]:
    return _brief(player, "nout", player.names.bound["<n-auto1>"])


@before(22, "two pushes: two open AUTO commits with the inputs' ids")
def _two_pushes(player: Player) -> None:
    _push(player, "nin", "master", "<n-in2>", {"/a": b"2"})
    _push(player, "nin", "master", "<n-in3>", {"/a": b"3"})


@looks(22, "two pushes: two open AUTO commits with the inputs' ids")
def _two_open(player: Player) -> list[dict[str, Any]]:
    return _history(player, "nout", "master")


@once(22, "younger after a second")
def _younger_waits(player: Player) -> dict[str, Any]:
    repo, commit = player.names.repo("nout"), player.names.bound["<n-in3>"]
    with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED"):
        player.grpc.wait(repo, commit, timeout=player.patience)
    return _brief(player, "nout", commit)


@looks(22, "older")
def _older(player: Player) -> dict[str, Any]:
    return _brief(player, "nout", player.names.bound["<n-in2>"])


@looks(22, "younger two seconds later")
def _younger(player: Player) -> dict[str, Any]:
    return _brief(player, "nout", player.names.bound["<n-in3>"])


@looks(22, "its head")
def _head_of_staged(player: Player) -> dict[str, Any]:
    return _head(player, "nout", "staged")


# -- 23 --------------------------------------------------------------------


@before(23, "pin to input 1")
def _three_inputs(player: Player) -> None:
    _make_repos(player, "pi", "po")
    for number in (1, 2, 3):
        _push(player, "pi", "master", f"<q-in{number}>", {"/a": b"%d" % number})


@looks(
    23,
    "AUTO commit for input 1",
    "AUTO commit for input 2",
    "AUTO commit for input 3",
)
def _staged(player: Player) -> dict[str, Any]:
    return _head(player, "po", "staged")


@once(23, "publish took")
def _published(player: Player) -> None:
    """Wait where the recording measured; how long it took is not compared."""
    repo = player.names.repo("po")
    player.grpc.wait(repo, player.grpc.head(repo, "master"))


@looks(23, "history of master: provenance of each")
def _published_models(player: Player) -> list[dict[str, Any]]:
    return _history(player, "po", "master")


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
