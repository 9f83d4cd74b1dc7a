"""A gateway that breaks at every byte, in every way: whole files, or an error.

The files are small, and a connection is closed at each byte of an answer once, its
head too; and reset at every fifth, or with HOSTILE_EVERY=1 at each as well.
"""

import itertools
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_trainer import storage as storages
from mnist_trainer.errors import (
    DiskError,
    OutputRefusedError,
    UnreachableError,
)
from mnist_trainer.folder import FolderStorage
from trainer.buckets import SOURCE, TARGET, Storage
from trainer.hostile.breaking import (
    CONTENT,
    LIMIT,
    OUTPUT,
    Break,
    Then,
    answer,
    refusal,
)

EVERY = int(os.environ.get("HOSTILE_EVERY", "0"))
DOWN, UP = answer(CONTENT), answer(b"")
BROKEN = [Then.CLOSE, Then.RESET]
FINISHED = refusal(500, "InternalError", "commit default/r@1 has already finished")


def _places(length, then):
    """Where to break: at every byte, or at every few of them."""
    step = {Then.CLOSE: 1, Then.RESET: 5}[then]
    return range(0, length, 1 if EVERY else step)


@pytest.mark.parametrize("then", BROKEN)
def test_a_download_that_breaks_at_any_byte_is_begun_anew(
    gateway, storage, target, then
):
    for place in _places(len(DOWN), then):
        gateway.breaks[:] = [Break(then, sent=place)]
        gateway.asked.clear()
        stored = storage.download("x", target, limit=LIMIT)

        assert CONTENT == target.read_bytes(), place
        assert (len(CONTENT), 2) == (stored.bytes, len(gateway.asked)), place


@pytest.mark.parametrize("then", BROKEN)
def test_a_download_that_always_breaks_is_worth_another_attempt(
    gateway, storage, target, then
):
    for place in (0, 20, len(DOWN) - len(CONTENT), len(DOWN) - 1):
        gateway.breaks[:] = [Break(then, sent=place)] * 3

        with pytest.raises(UnreachableError, match="failed 3 times"):
            storage.download("x", target, limit=LIMIT)


@pytest.mark.parametrize("then", BROKEN)
def test_an_upload_whose_request_breaks_at_any_byte_is_sent_anew(
    gateway, storage, model, then
):
    """A thousand bytes, most of them of the head; only what is whole is kept."""
    for place in itertools.chain(range(0, 700, 90), range(700, 1100, 30)):
        gateway.objects.pop(OUTPUT, None)
        gateway.breaks[:] = [Break(then, received=place)]
        stored = storage.upload(model, "model")

        assert CONTENT == gateway.objects[OUTPUT], place
        assert len(CONTENT) == stored.bytes


@pytest.mark.parametrize("then", BROKEN)
def test_an_upload_whose_answer_breaks_at_any_byte_is_as_good(
    gateway, storage, model, then
):
    """The file has been taken, and nobody knows."""
    for place in _places(len(UP), then):
        gateway.objects.pop(OUTPUT, None)
        gateway.breaks[:] = [Break(then, sent=place)]
        storage.upload(model, "model")

        assert CONTENT == gateway.objects[OUTPUT], place


def test_a_gateway_that_falls_silent_is_left_and_asked_anew(hanging, target, model):
    storage = Storage(
        hanging.endpoint, AWS_MAX_ATTEMPTS="50", S3_REQUEST_TIMEOUT_MSEC="100"
    )
    for place in (20, len(DOWN) - 1):
        hanging.breaks[:] = [Break(Then.HANG, sent=place)]
        storage.download("x", target, limit=LIMIT)
        hanging.breaks[:] = [Break(Then.HANG, received=place * 10)]
        storage.upload(model, "model")

        assert CONTENT == target.read_bytes() == hanging.objects.pop(OUTPUT), place


def test_a_gateway_that_stays_silent_is_worth_another_attempt(hanging, target, model):
    storage = Storage(
        hanging.endpoint, AWS_MAX_ATTEMPTS="2", S3_REQUEST_TIMEOUT_MSEC="100"
    )

    hanging.breaks[:] = [Break(Then.HANG, sent=len(DOWN) - 1)] * 9
    with pytest.raises(UnreachableError, match="failed 2 times"):
        storage.download("x", target, limit=LIMIT)

    hanging.breaks[:] = [Break(Then.HANG, sent=len(UP) - 1)] * 9
    with pytest.raises(UnreachableError, match="failed 2 times"):
        storage.upload(model, "model")


def test_an_upload_whose_commit_is_finished_while_it_is_sent_anew_is_refused(
    gateway, storage, model
):
    """The fence: the operator has given this attempt up in the meantime."""
    gateway.breaks[:] = [Break(Then.RESET, received=900), Break(answer=FINISHED)]

    with pytest.raises(OutputRefusedError, match="another attempt has taken over"):
        storage.upload(model, "model")

    assert OUTPUT not in gateway.objects
    assert 2 == len(gateway.asked)


@pytest.mark.parametrize("room", [1, len(CONTENT) - 1])
def test_a_disk_that_is_full_before_the_last_byte_is_the_disks_fault(
    gateway, storage, target, model, room
):
    """The last bytes that fit are taken without a complaint."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(DiskError, match="make room there"):
            storage.download("x", target, limit=LIMIT)
        with pytest.raises(DiskError, match="make room there"):
            FolderStorage(model.parent, target.parent / "out").upload(model, "m.h5")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert not (target.parent / "out" / "m.h5").exists()


_CHILD = """
import re, resource, sys
from pathlib import Path
from trainer.buckets import Storage

storage, file = Storage(sys.argv[1]), Path(sys.argv[2])
storage.list_files("warm")
status = Path("/proc/self/status")
taken = re.search(r"VmData:\\s+(\\d+) kB", status.read_text())
resource.setrlimit(resource.RLIMIT_DATA, ((int(taken[1]) << 10) + (20 << 20),) * 2)
print(storage.download("large", file, limit=1 << 30).bytes)
print(storage.upload(file, "large").bytes)
"""


def test_a_file_of_any_size_goes_through_20_mebibytes_of_memory(gateway, tmp_path):
    size = 32 << 20
    gateway.objects[f"/{SOURCE}/large"] = bytes(size)
    gateway.breaks[:] = [
        Break(answer=answer(b"<R><IsTruncated>false</IsTruncated></R>"))
    ]
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, gateway.endpoint, tmp_path / "large"],
        capture_output=True,
        text=True,
        check=False,
        env={
            "PYTHONPATH": os.pathsep.join(
                str(Path(place).parents[1])
                for place in (storages.__file__, Path(__file__).parent)
            )
        },
        timeout=300,
    )
    kept = gateway.objects.pop(f"/{TARGET}/large", b"")
    del gateway.objects[f"/{SOURCE}/large"]

    assert ("", [str(size)] * 2) == (ended.stderr, ended.stdout.splitlines())
    assert size == len(kept)
