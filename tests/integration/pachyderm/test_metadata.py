"""The metadata map: an index on finished commits, where the server has one."""

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from mnist_operator.commits import Repo
from mnist_operator.errors import NotFoundError


async def test_keys_are_set_on_a_finished_commit_and_read_back(client, push, repo):
    commit = await push()

    assert await client.edit_metadata(repo, commit, {"input.commit": "c1", "n": "1"})
    assert await client.edit_metadata(repo, commit, {"n": "2"})

    expected = {"input.commit": "c1", "n": "2"}
    assert expected == (await client.commit(repo, commit)).metadata


async def test_the_map_comes_with_a_listing_too(client, master, push, repo):
    commit = await push()
    await client.edit_metadata(repo, commit, {"input.commit": "c1"})

    (found,) = [each async for each in client.history(repo, master)]

    assert {"input.commit": "c1"} == found.metadata


async def test_a_commit_without_a_map_has_an_empty_one(client, push, repo):
    commit = await push()

    assert {} == (await client.commit(repo, commit)).metadata


async def test_a_missing_commit_is_an_error(client, repo):
    with pytest.raises(NotFoundError):
        await client.edit_metadata(repo, "0" * 32, {"a": "b"})


async def test_a_server_without_the_map_says_so(serve):
    client = await serve(pfs_pb2_grpc.APIServicer())

    repo = Repo("default", "inputrepo")
    assert not await client.edit_metadata(repo, "0" * 32, {"a": "b"})
