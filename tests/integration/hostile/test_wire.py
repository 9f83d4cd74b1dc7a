"""Answers of pachd with every field wrong, one by one, cut, flipped, without end.

Whatever comes, a call of the client has a value of ours or an error of ours, in a
bounded time and memory; and the next call is answered as if nothing had been.
"""

import asyncio
import json
from contextlib import aclosing
from itertools import count, islice, repeat
from pathlib import Path

import grpc
import pytest
from google.protobuf.wrappers_pb2 import BytesValue
from python_pachyderm.proto.v2.pfs import pfs_pb2

from integration.hostile.junk_pachd import lies
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.errors import OperatorError, TooLargeError, UpstreamError
from mnist_operator.lineage import read_model
from mnist_operator.pachyderm import PutFile, wire
from mnist_operator.runs import describe_attempt, read_attempt
from mnist_operator.status import timestamp
from unit.builders import unopened
from unit.hostile import MANY

_REPO = Repo("default", "inputrepo")
_MASTER = Branch(_REPO, "master")
_ID, _PARENT = "5b77a6c1a16d496b83f8a78a05179168", "0" * 31 + "1"
_RECORDING = Path("tests/contract/pfs/pachd-2.11.6.jsonl").read_text()
_RECORDED = {
    (step["error"]["code"], step["error"]["details"])
    for step in map(json.loads, _RECORDING.splitlines())
    if "rpc" in step and "error" in step
}
_CODES = {code.name for code in grpc.StatusCode} - {"OK"}
_REFUSALS = sorted(
    _RECORDED
    | {(code, text) for code in _CODES for text in ("", "\x1b[31m💥\x00" * 500)}
)
"""What pachd was heard to say, and each code without words, and with bad ones."""


def _commit_info():
    info = pfs_pb2.CommitInfo(
        commit=wire.commit_message(_REPO, _ID),
        parent_commit=wire.commit_message(_REPO, _PARENT),
        description=describe_attempt(unopened()),
    )
    for field in ("started", "finishing", "finished"):
        getattr(info, field).FromSeconds(1_800_000_000)
    info.direct_provenance.add().CopyFrom(wire.commit_message(_REPO, _PARENT))
    return info


def _branch_info():
    info = pfs_pb2.BranchInfo(
        branch=wire.branch_message(_MASTER), head=wire.commit_message(_REPO, _ID)
    )
    info.direct_provenance.add().CopyFrom(wire.branch_message(_MASTER))
    info.subvenance.add().CopyFrom(wire.branch_message(_MASTER))
    return info


def _file_info():
    return pfs_pb2.FileInfo(
        file=wire.file_message(_REPO, _ID, "/data.txt"),
        file_type=pfs_pb2.FILE,
        size_bytes=4,
        hash=b"12345678",
    )


async def _all(pieces, most=100):
    async with aclosing(pieces):
        return [each async for each in _some(pieces, most)]


async def _some(pieces, most):
    seen = 0
    async for each in pieces:
        yield each
        seen += 1
        if seen == most:
            return


_QUESTIONS = {
    "InspectRepo": [lambda c: c.repo_exists(_REPO)],
    "CreateRepo": [lambda c: c.create_repo(_REPO)],
    "InspectBranch": [
        lambda c: c.branch_head_id(_MASTER),
        lambda c: c.branch_exists(_MASTER),
        lambda c: c.descends_from(_MASTER),
        lambda c: c.head(_MASTER),
    ],
    "ListBranch": [lambda c: c.branches(_REPO)],
    "CreateBranch": [lambda c: c.create_branch(_MASTER, _ID)],
    "InspectCommit": [lambda c: c.commit(_REPO, _ID)],
    "ListCommit": [
        lambda c: _all(c.history(_REPO, _MASTER, page=2)),
        lambda c: _all(c.commits(_REPO)),
    ],
    "SubscribeCommit": [lambda c: _all(c.subscribe(_REPO), 1)],
    "StartCommit": [lambda c: c.start_commit(_MASTER, description="")],
    "FinishCommit": [lambda c: c.finish_commit(_REPO, _ID)],
    "ClearCommit": [lambda c: c.clear_commit(_REPO, _ID)],
    "DropCommitSet": [lambda c: c.drop_commit(_REPO, _ID)],
    "InspectFile": [lambda c: c.read(_REPO, _ID, "/data.txt")],
    "WalkFile": [lambda c: c.files(_REPO, _ID)],
    "GetFile": [lambda c: c.read(_REPO, _ID, "/data.txt")],
    "ModifyFile": [
        lambda c: c.modify(_REPO, _ID, [PutFile("/a", b"a")]),
        lambda c: c.append(_MASTER, "/a", b"a"),
    ],
    "EditMetadata": [lambda c: c.edit_metadata(_REPO, _ID, {"k": "v"})],
}
"""Everything that the client can ask, by the call of pachd that answers it."""
_WHOLE = {
    "InspectBranch": _branch_info(),
    "ListBranch": _branch_info(),
    "InspectCommit": _commit_info(),
    "ListCommit": _commit_info(),
    "SubscribeCommit": _commit_info(),
    "StartCommit": wire.commit_message(_REPO, _ID),
    "InspectFile": _file_info(),
    "WalkFile": _file_info(),
    "GetFile": BytesValue(value=b"data"),
    "InspectRepo": pfs_pb2.RepoInfo(repo=wire.repo_message(_REPO)),
}


def _others():
    """Good answers for what else a question asks."""
    return {name: [each.SerializeToString()] for name, each in _WHOLE.items()}


async def _ask(question, client):
    """The value; None where the client has an error of ours, that says it briefly."""
    try:
        async with asyncio.timeout(60):
            return await question(client)
    except OperatorError as error:
        assert len(str(error)) < 1000  # noqa: PT017 (any value is as good)
        assert str(error).replace("\n", "").isprintable()  # noqa: PT017
    return None


def _is_sound(value):
    """What the core counts with and makes names of."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Commit):
            assert {*each.id} <= {*"0123456789abcdefghijklmnopqrstuvwxyz-"}
            assert 0 < len(each.id) <= 63
            assert timestamp(each.started) >= "1970"
            assert len(each.description) <= 64 * 1024
            read_attempt(each)
            read_model(each)


@pytest.mark.parametrize("call", sorted(_WHOLE))
async def test_an_answer_with_anything_wrong_is_a_value_or_an_error(
    pachd, client, call
):
    for told, content in lies(_WHOLE[call], stride=1 if MANY else 23):
        pachd.answers = _others() | {call: [content]}
        for question in _QUESTIONS[call]:
            value = await _ask(question, client)
            assert value is not None or told != "as it is"
            _is_sound(value)


@pytest.mark.parametrize("call", sorted(_QUESTIONS))
async def test_every_refusal_that_was_recorded_is_an_error_of_ours(pachd, client, call):
    chosen = sorted(_QUESTIONS).index(call)
    for code, text in _REFUSALS if MANY else _REFUSALS[chosen % 6 :: 6]:
        pachd.refusal = grpc.StatusCode[code], text
        for question in _QUESTIONS[call]:
            await _ask(question, client)

    pachd.refusal = None
    pachd.answers = _others() | {call: [_good(call)]}
    await _QUESTIONS[call][0](client)


def _good(call):
    return _WHOLE[call].SerializeToString() if call in _WHOLE else b""


async def test_a_history_that_comes_back_to_itself_ends_in_an_error(pachd, client):
    first, second = _commit_info(), _commit_info()
    second.commit.id, second.parent_commit.id = _PARENT, _ID
    pachd.answers["ListCommit"] = [e.SerializeToString() for e in (first, second)]

    with pytest.raises(UpstreamError, match=f"comes back to {_ID}"):
        await _all(client.history(_REPO, _MASTER, page=2))


async def test_a_page_without_end_is_read_no_further_than_was_asked(pachd, client):
    infos = (_commit_info() for _ in count())
    pachd.answers["ListCommit"] = (each.SerializeToString() for each in infos)

    with pytest.raises(UpstreamError, match="more than the 50 commits"):
        await _all(client.history(_REPO, _MASTER))


@pytest.mark.parametrize("asked", ["branches", "files"])
async def test_a_list_without_end_is_given_up(pachd, client, asked):
    pachd.answers["ListBranch"] = repeat(_good("ListBranch"))
    pachd.answers["WalkFile"] = repeat(_good("WalkFile"))
    arguments = {"branches": (_REPO,), "files": (_REPO, _ID)}[asked]

    with pytest.raises(TooLargeError, match="more than 100 "):
        await getattr(client, asked)(*arguments, limit=100)


async def test_another_commit_than_the_one_asked_for_is_not_taken_for_it(pachd, client):
    other = _commit_info()
    other.commit.id = _PARENT
    pachd.answers["InspectCommit"] = [other.SerializeToString()]

    assert await client.commit(_REPO, _ID) is None


async def test_a_message_beyond_the_limit_of_grpc_is_an_error(pachd, client):
    pachd.answers["InspectCommit"] = [bytes(65 << 20)]

    with pytest.raises(TooLargeError, match="RESOURCE_EXHAUSTED"):
        await client.commit(_REPO, _ID)


async def test_descriptions_of_10_mb_are_not_kept_in_memory(pachd, client):
    def page():
        for number in range(4):
            info = _commit_info()
            info.commit.id = f"{number:032}"
            info.description = "x" * 10_000_000
            yield info.SerializeToString()

    pachd.answers["ListCommit"] = page()
    found = await _all(client.history(_REPO, _MASTER))

    assert [64 * 1024] * 4 == [len(each.description) for each in found]


async def test_a_stream_that_ends_early_is_no_short_file(pachd, client):
    info = _file_info()
    info.size_bytes = 100
    pachd.answers = _others() | {"InspectFile": [info.SerializeToString()]}

    with pytest.raises(UpstreamError, match="has 100 bytes, 4 arrived"):
        await client.read(_REPO, _ID, "/data.txt")


async def test_a_file_that_claims_terabytes_is_refused_before_it_is_read(pachd, client):
    info = _file_info()
    info.size_bytes = 1 << 50
    pachd.answers = {"InspectFile": [info.SerializeToString()]}

    with pytest.raises(TooLargeError):
        await client.read(_REPO, _ID, "/data.txt")


async def test_a_file_without_end_is_read_no_further_than_its_size(pachd, client):
    pieces = (BytesValue(value=b"x").SerializeToString() for _ in count())
    pachd.answers = _others() | {"GetFile": islice(pieces, 10_000_000)}

    with pytest.raises(UpstreamError, match="has 4 bytes, 5 arrived"):
        await client.read(_REPO, _ID, "/data.txt")
