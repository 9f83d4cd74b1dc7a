"""What is written and read here is what pachd's own stubs write and read."""

from datetime import UTC, datetime

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.commits import Branch, Commit, File, Repo
from mnist_operator.errors import UpstreamError
from mnist_operator.pachyderm import metadata, wire
from mnist_operator.pachyderm.proto import Reader, number, part, text
from mnist_operator.pachyderm.stubs import pfs_pb2
from unit.builders import examples, ident

_words = st.text(min_size=1, max_size=200)
_repos = st.builds(Repo, _words, _words)
_ids = st.integers(0, 9999).map(ident)
_moments = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1))  # noqa: DTZ001
_times = _moments.map(lambda each: each.replace(tzinfo=UTC))
_commits = st.builds(
    Commit,
    id=_ids,
    repo=_repos,
    parent=st.none() | _ids,
    description=st.text(max_size=300),
    started=_times,
    finishing=st.none() | _times,
    finished=st.none() | _times,
    error=st.just("") | st.just("it broke"),
    provenance=st.lists(st.tuples(_repos, _ids), max_size=3).map(tuple),
)


def _info(commit):
    """A ``CommitInfo`` as pachd sends it, with what is not read of it, too."""
    info = pfs_pb2.CommitInfo(
        commit=wire.commit_message(commit.repo, commit.id),
        description=commit.description,
        error=commit.error,
        child_commits=[wire.commit_message(commit.repo, "a" * 32)],
        size_bytes_upper_bound=2**40,
        details=pfs_pb2.CommitInfo.Details(size_bytes=7),
    )
    if commit.parent:
        info.parent_commit.CopyFrom(wire.commit_message(commit.repo, commit.parent))
    for name in ("started", "finishing", "finished"):
        moment = getattr(commit, name)
        if moment is not None:
            getattr(info, name).FromDatetime(moment.replace(tzinfo=None))
    for repo, id_ in commit.provenance:
        info.direct_provenance.add().CopyFrom(wire.commit_message(repo, id_))
    return info.SerializeToString()


@examples
@given(_commits)
def test_a_commit_is_read_as_it_was_sent(commit):
    assert commit == wire.commit_value(_info(commit))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param({}, True, id="with a branch, empty"),
        pytest.param({"origin": "USER"}, False, id="by somebody"),
        pytest.param({"parent_commit": {"id": ident(2)}}, False, id="on another one"),
        pytest.param({"direct_provenance": [{"id": ident(2)}]}, False, id="of others"),
        pytest.param({"finished": {"seconds": 8}}, False, id="and was written to"),
        pytest.param({"finished": None}, False, id="and is open"),
    ],
)
def test_what_pachd_made_with_a_branch_is_known(made, expected):
    fields = {
        "origin": "AUTO",
        "commit": {"id": ident(1)},
        "started": {"seconds": 7},
        "finished": {"seconds": 7},
    } | made
    kind = pfs_pb2.CommitOrigin(kind=fields.pop("origin"))
    info = pfs_pb2.CommitInfo(origin=kind, **fields)

    assert expected is wire.commit_value(info.SerializeToString()).is_blank


@examples
@given(_commits, st.integers(0, 10_000))
def test_half_of_a_commit_is_an_error_or_a_commit_with_less(commit, end):
    content = _info(commit)

    try:
        found = wire.commit_value(content[: end % len(content)])
    except (DecodeError, ValueError, UpstreamError):
        return
    assert found.id in {commit.id, ""}


@examples
@given(st.binary(max_size=100))
def test_what_is_no_message_is_an_error_of_protobufs(content):
    try:
        wire.commit_value(content)
    except (DecodeError, ValueError, UpstreamError):
        return
    pytest.fail("a commit without an ID was taken for one")


@examples
@given(_repos, _ids, _words)
def test_names_are_written_as_the_stubs_write_them(repo, commit, name):
    branch = Branch(repo, name)
    written = [
        (pfs_pb2.Repo, wire.repo_bytes(repo), wire.repo_message(repo)),
        (pfs_pb2.Branch, wire.branch_bytes(branch), wire.branch_message(branch)),
        (
            pfs_pb2.InspectBranchRequest,
            wire.branch_question(branch),
            pfs_pb2.InspectBranchRequest(branch=wire.branch_message(branch)),
        ),
        (
            pfs_pb2.Commit,
            wire.commit_bytes(repo, commit),
            wire.commit_message(repo, commit),
        ),
        (pfs_pb2.Commit, wire.head_bytes(branch), wire.branch_head(branch)),
        (
            pfs_pb2.File,
            wire.file_bytes(repo, commit, name),
            wire.file_message(repo, commit, name),
        ),
    ]
    for kind, here, expected in written:
        assert expected == kind.FromString(here)


@examples
@given(_words, st.integers(0, 2**62), st.binary(max_size=64))
def test_a_file_is_read_as_it_was_sent(path, size, digest):
    info = pfs_pb2.FileInfo(
        file=wire.file_message(Repo("default", "repo"), ident(1), path),
        file_type=pfs_pb2.FILE,
        size_bytes=size,
        hash=digest,
    )
    info.committed.FromSeconds(1_800_000_000)

    assert File(path, size, digest.hex()) == wire.file_value(info.SerializeToString())

    info.file_type = pfs_pb2.DIR
    assert wire.file_value(info.SerializeToString()) is None


@examples
@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_keeps_its_sign(value):
    sent = pfs_pb2.FileInfo(size_bytes=value).SerializeToString()

    assert value == Reader(sent).number(4)


@examples
@given(st.integers(0, 2**40))
def test_a_number_is_written_as_the_stubs_write_it(value):
    expected = pfs_pb2.GetFileRequest(offset=value).SerializeToString()

    assert expected == number(3, value)


def test_a_message_in_two_pieces_is_one():
    pieces = part(1, text(2, "id")) + part(1, part(3, wire.repo_bytes(Repo("p", "r"))))

    message = Reader(pieces).part(1)

    assert pfs_pb2.Commit(id="id", repo=wire.repo_message(Repo("p", "r"))) == (
        pfs_pb2.Commit.FromString(message)
    )


@pytest.mark.parametrize("seconds", [-1, 2**40])
def test_a_time_that_is_none_is_an_error_that_names_the_commit(seconds):
    info = pfs_pb2.CommitInfo(commit=wire.commit_message(Repo("p", "r"), ident(1)))
    info.finished.seconds = seconds

    with pytest.raises(UpstreamError, match=f"{ident(1)} came with a time"):
        wire.commit_value(info.SerializeToString())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x0b\x0c", id="a group, which nobody sends any more"),
        pytest.param(b"\x08" + b"\xff" * 11, id="a number without end"),
        pytest.param(b"\x0a\x05abc", id="a text that is cut off"),
        pytest.param(b"\x09abc", id="eight bytes that are cut off"),
    ],
)
def test_what_cannot_be_split_is_no_message(content):
    with pytest.raises(DecodeError):
        Reader(content)


def test_numbers_of_fixed_length_are_passed_over():
    content = b"\x0d" + b"1234" + b"\x11" + b"12345678" + text(3, "here")

    assert "here" == Reader(content).text(3)


def test_what_comes_in_another_way_than_it_should_is_not_there():
    assert "" == Reader(number(3, 7)).text(3)
    assert 0 == Reader(text(3, "seven")).number(3)
    assert Reader(number(3, 7)).part(3) is None


def test_the_metadata_map_comes_along():
    info = pfs_pb2.CommitInfo(commit=wire.commit_message(Repo("p", "r"), ident(1)))
    entry = text(1, "key") + text(2, "value")
    content = info.SerializeToString() + part(metadata.NUMBER, entry)

    assert {"key": "value"} == dict(wire.commit_value(content).metadata)
