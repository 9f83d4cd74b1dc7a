"""What travels in one ModifyFile stream."""

from mnist_operator.commits import Repo
from mnist_operator.pachyderm import CopyFile, DeletePath, PutFile, wire
from mnist_operator.pachyderm.changes import messages
from mnist_operator.pachyderm.stubs import pfs_pb2

_RUNS = Repo("default", "outputrepo_runs")
_TARGET = wire.commit_bytes(Repo("default", "outputrepo"), "c1")


def _messages(*changes):
    travelled = messages(_TARGET, changes)
    return [pfs_pb2.ModifyFileRequest.FromString(each) for each in travelled]


def _bodies(*changes):
    return [message.WhichOneof("body") for message in _messages(*changes)]


def test_the_stream_opens_with_the_commit_that_it_writes_to():
    first, _ = _messages(DeletePath("/"))

    assert "c1" == first.set_commit.id


def test_putting_a_file_replaces_it_because_adding_appends():
    assert ["set_commit", "delete_file", "add_file"] == _bodies(PutFile("/a", b"x"))


def test_an_empty_file_comes_into_being():
    *_, last = _messages(PutFile("/a", b""))

    assert last.add_file.HasField("raw")


def test_a_large_file_travels_in_pieces_of_a_megabyte():
    content = bytes(range(256)) * 10_000

    _, _, *pieces = _messages(PutFile("/a", content))

    assert 3 == len(pieces)
    assert content == b"".join(piece.add_file.raw.value for piece in pieces)


def test_the_source_of_a_copy_is_spelled_out_whole():
    _, copy = _messages(CopyFile("/model", _RUNS, "c2", "/my_model.h5"))

    source = copy.copy_file.src.commit
    assert ("c2", "user", "default") == (
        source.id,
        source.repo.type,
        source.repo.project.name,
    )
