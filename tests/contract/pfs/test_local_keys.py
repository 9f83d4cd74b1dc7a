"""Files whose names URLs and XML spell otherwise, read and written by the trainer."""

import asyncio

import pytest

from mnist_trainer.errors import OutputRefusedError
from mnist_trainer.s3 import S3Storage
from mnist_trainer.s3_settings import read_s3_settings

NAMES = [
    "a b.npz",
    "a%20b.npz",
    "a&b<c>.npz",
    "deep er/x.npz",
    "empty.npz",
    "it's.npz",
    "~t=1,2;3:4#5.npz",
]


@pytest.fixture
def storage(pachd):
    """Reach the buckets of one commit to read, and of one to write."""

    def _storage(source, target):
        endpoint = {"S3_ENDPOINT": pachd.s3_endpoint, "S3_USE_HTTPS": "0"}
        buckets = {"source": f"{source.id}.in", "target": f"{target.id}.out.in"}
        settings = read_s3_settings(endpoint, **buckets)
        return S3Storage(settings, sleep=lambda _: None, say=lambda _: None)

    return _storage


def _read_all(storage, place):
    found = {}
    for name in storage.list_files("data"):
        storage.download(name, place, limit=100)
        found[name] = place.read_bytes()
    return found


async def test_every_file_that_pachd_takes_is_listed_and_read(
    client, storage, tmp_path
):
    files = {f"data/{name}": name.encode() for name in NAMES}
    files["data/empty.npz"] = b""
    beside = {"/database/x.npz": b"another folder"}
    pushed = await client.push({f"/{k}": v for k, v in files.items()} | beside)
    reader = storage(pushed, await client.start("out"))

    found = await asyncio.to_thread(_read_all, reader, tmp_path / "file")

    assert files == found


async def test_a_file_is_written_under_its_name_or_refused_in_pachds_words(
    client, storage, tmp_path
):
    target = await client.start("out")
    writer = storage(await client.push({"/data.npz": b""}), target)
    (tmp_path / "file").write_bytes(b"a picture")

    for name in NAMES:
        await asyncio.to_thread(writer.upload, tmp_path / "file", name)
    for name in ("größe.png", "a+b.png", "a*b.png"):
        with pytest.raises(OutputRefusedError, match="InvalidFilePath") as refusal:
            await asyncio.to_thread(writer.upload, tmp_path / "file", name)
        assert name in str(refusal.value)

    assert [f"/{name}" for name in NAMES] == await client.paths(target)
