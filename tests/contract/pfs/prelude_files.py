"""What the recording left out about files, file sets and the S3 gateway."""

from typing import Any

from contract.pfs.player import Player
from contract.pfs.scenes import (
    EXTRA,
    MODEL,
    after,
    before,
    files,
    in_short,
    looks,
    make_repos,
    once,
    push,
    start,
)

__all__: list[str] = []


# -- 16 --------------------------------------------------------------------


@once(16, "file set copy / start+add+finish / until FINISHED (ms)")
def _publish_with_a_file_set(player: Player) -> Any:
    """Play the measured call chain; how long it takes is not compared."""
    if "published" not in player.notes:
        make_repos(player, "tsrc", "tdst")
        push(player, "tsrc", "master", "<t-src>", {MODEL: b"5" * 5_000_000})
    player.notes["published"] = True
    source = player.names.request(
        {"repo": {"name": "tsrc", "type": "user", "project": {"name": "default"}}}
    )
    source["id"] = player.names.bound["<t-src>"]
    copy = {"dst": MODEL, "src": {"commit": source, "path": MODEL}}
    made = player.grpc.call("CreateFileSet", [{"copy_file": copy}])
    repo = player.names.repo("tdst")
    commit = player.grpc.start(repo, "master")
    target = {"repo": {"name": repo, "type": "user"}, "id": commit}
    player.grpc.call("AddFileSet", {"commit": target, **made})
    player.grpc.finish(repo, commit)
    assert player.grpc.files(repo, commit) == [[MODEL, 5_000_000]]


# -- 17 and 18 -------------------------------------------------------------


@before(17, "attempt 1 opens its staging commit")
def _run_repo(player: Player) -> None:
    make_repos(player, "runs")


@before(17, "attempt 3 opens")
def _attempt_2_is_finished(player: Player) -> None:
    # By the times of the commits 260 ms passed here that no recorded step took; and
    # what is deleted next is looked up in a base that must be finished.
    player.grpc.wait(player.names.repo("runs"), player.names.bound["<a2>"])


_LARGE_COMMIT = "bf764cee7cea4dcb8edd3d8e3f3e5646"


@before(18, "40 MB in one PUT")
def _start_with_a_large_description(player: Player) -> None:
    repo = player.names.repo("runs")
    commit = player.grpc.start(repo, "slot1", description="d" * 100_000)
    player.names.bind(_LARGE_COMMIT, commit)


@looks(18, "100 kB description kept")
def _length_of_the_description(player: Player) -> int:
    brief = in_short(player, "runs", player.names.bound[_LARGE_COMMIT])
    return len(brief["description"])


@once(18, "5 MB description accepted")
def _five_megabytes_of_description(player: Player) -> bool:
    repo = player.names.repo("runs")
    commit = player.grpc.start(repo, "slot2", description="d" * 5_000_000)
    player.grpc.finish(repo, commit)
    return len(in_short(player, "runs", commit)["description"]) == 5_000_000


# -- 19 to 21 --------------------------------------------------------------


@before(19, "file set: delete /, copy the model, add lineage.json")
def _old_model_and_new(player: Player) -> None:
    make_repos(player, "dd")
    old = {MODEL: b"older", EXTRA: b"inherited"}
    push(player, "dd", "master", "<d1>", old)
    push(player, "dd", "staging", "<ds>", {MODEL: b"new"})


@before(20, "the commit with the clash")
def _bind_the_clash(player: Player) -> None:
    commit = player.grpc.head(player.names.repo("dd"), "master")
    player.names.bind("16b029c4bd794d8780fbb64fe1e639c2", commit)


@before(21, "file set with explicit file deletes")
def _deep_files(player: Player) -> None:
    make_repos(player, "de")
    old = {MODEL: b"older", EXTRA: b"extra", "/data/sub/deep.txt": b"deep"}
    push(player, "de", "master", "<e1>", old)
    push(player, "de", "staging", "<es>", {MODEL: b"new"})


@after(21, "file set with explicit file deletes")
def _note_the_file_set(player: Player) -> None:
    player.notes["file set"] = player.names.latest


@once(21, "files after explicit deletes")
def _after_explicit_deletes(player: Player) -> list[list[Any]]:
    start(player, "de", "master", "<e3>")
    repo = {"name": player.names.repo("de"), "type": "user"}
    commit = {"repo": repo, "id": player.names.bound["<e3>"]}
    added = {"commit": commit, "file_set_id": player.notes["file set"]}
    player.grpc.call("AddFileSet", added)
    return files(player, "de", "<e3>")


@before(21, "one ModifyFile stream on the open commit: delete /, copy, add")
def _something_to_inherit(player: Player) -> None:
    push(player, "de", "master", "<e3b>", {EXTRA: b"again"})
    start(player, "de", "master", "<e4>")


@once(21, "files after delete / in the stream")
def _after_the_stream(player: Player) -> list[list[Any]]:
    return files(player, "de", "<e4>")


@before(21, "the same stream twice (a retry)")
def _next_commit(player: Player) -> None:
    start(player, "de", "master", "<e5>")


@once(21, "files after the retry")
def _after_the_retry(player: Player) -> list[list[Any]]:
    return files(player, "de", "<e5>")


@once(21, "delete of a directory by /data/ and a file")
def _delete_a_directory(player: Player) -> None:
    start(player, "de", "master", "<e6>")
    repo = {"name": "de", "type": "user", "project": {"name": "default"}}
    source = {"commit": {"repo": repo, "id": "<es>"}, "path": MODEL}
    changes = [
        {"set_commit": {"repo": repo, "id": "<e6>"}},
        {"delete_file": {"path": "/data/"}},
        {"delete_file": {"path": "/lineage.json"}},
        {"copy_file": {"dst": MODEL, "src": source}},
    ]
    player.grpc.call("ModifyFile", player.names.request(changes))


@once(21, "files")
def _after_deleting(player: Player) -> list[list[Any]]:
    return files(player, "de", "<e6>")
