"""Whom a client trusts, and that it speaks to nobody in clear."""

import pytest

from integration.certificates import make_certificate
from local_cluster.pachd import Pachd
from mnist_operator.commits import Repo
from mnist_operator.errors import UnreachableError

_REPO = Repo("default", "inputrepo")


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


@pytest.fixture
async def encrypted(tmp_path, certificate):
    async with Pachd(tmp_path / "pachd", tls=certificate) as server:
        yield server


async def test_a_server_with_our_ca_is_trusted(encrypted, dial, certificate):
    ours = certificate[0].read_bytes()
    client = dial(f"grpcs://{encrypted.address}", root_certificates=ours)

    await client.create_repo(_REPO)

    assert await client.repo_exists(_REPO)


async def test_a_server_with_a_strange_ca_is_not_trusted(encrypted, dial):
    client = dial(f"grpcs://{encrypted.address}")

    with pytest.raises(UnreachableError):
        await client.repo_exists(_REPO)


async def test_a_server_without_tls_is_not_spoken_to_in_clear(pachd, dial):
    client = dial(pachd.address, tls=True)

    with pytest.raises(UnreachableError):
        await client.repo_exists(_REPO)
