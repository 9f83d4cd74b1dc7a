"""Files go up while the run goes on, and whoever waits for them hears how it went."""

import hashlib
import threading

import pytest

from mnist_trainer.errors import DivergedError, OutputRefusedError
from mnist_trainer.s3 import S3Storage
from mnist_trainer.s3_settings import read_s3_settings
from mnist_trainer.storage import StoredFile
from mnist_trainer.uploads import Uploader

DEADLINE = 60


class _Storage:
    """Remembers what it was given; an upload can be held, or fail."""

    def __init__(self, *, held=(), refused=()):
        self.began, self.free = threading.Event(), threading.Event()
        self.held, self.refused, self.stored = held, refused, []

    def upload(self, source, path):
        self.began.set()
        if path in self.held:
            self.free.wait(DEADLINE)
        if path in self.refused:
            raise OutputRefusedError(f"{path} is refused")
        self.stored.append(path)
        if len(self.stored) == 2:
            self.free.set()
        return StoredFile(f"/{path}", "c0ffee", 1)


@pytest.fixture
def folder(tmp_path):
    for path in ("model", "metrics", "logs/b/2", "logs/b/1", "logs/a"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


def test_an_upload_begins_before_anybody_waits_for_it(folder):
    storage = _Storage()
    with Uploader(storage, folder) as uploader:
        uploader.add("model")

        assert storage.began.wait(DEADLINE)
        uploader.finish()


def test_a_slow_file_keeps_nobody_waiting_and_its_place_in_the_list(folder):
    storage = _Storage(held=["model"])
    with Uploader(storage, folder, threads=2) as uploader:
        uploader.add("model", "metrics", "logs/a")
        files = uploader.finish()

    assert ["metrics", "logs/a", "model"] == storage.stored
    assert ["/model", "/metrics", "/logs/a"] == [file.path for file in files]


def test_a_folder_goes_up_whole_and_in_order(folder):
    with Uploader(_Storage(), folder) as uploader:
        uploader.add("model", "logs")
        files = uploader.finish()

    assert ["/model", "/logs/a", "/logs/b/1", "/logs/b/2"] == [
        file.path for file in files
    ]


def test_the_first_failure_is_told_and_what_follows_is_left_out(folder):
    storage = _Storage(refused=["model"])
    with Uploader(storage, folder, threads=1) as uploader:
        uploader.add("model", "metrics", "logs")
        with pytest.raises(OutputRefusedError, match="model is refused"):
            uploader.finish()

    assert [] == storage.stored


def test_a_run_that_fails_does_not_wait_for_its_uploads(folder):
    storage = _Storage(held=["model"])

    def run():
        with Uploader(storage, folder, threads=1) as uploader:
            uploader.add("model", "metrics")
            storage.began.wait(DEADLINE)
            raise DivergedError

    with pytest.raises(DivergedError):
        run()

    assert [] == storage.stored
    storage.free.set()


def test_many_files_go_through_one_gateway_unharmed(s3, tmp_path):
    """Some of them at the second attempt."""
    s3.answers = [(503, "ServiceUnavailable", "the server is starting")] * 3
    paths = [f"file-{number}" for number in range(30)]
    for path in paths:
        (tmp_path / path).write_text(path * 1000)
    settings = read_s3_settings(
        {"S3_ENDPOINT": s3.endpoint, "S3_USE_HTTPS": "0"},
        source="master.inputrepo",
        target="master.outputrepo",
    )
    pauses = []
    storage = S3Storage(settings, sleep=pauses.append, say=lambda _: None)
    with Uploader(storage, tmp_path) as uploader:
        uploader.add(*paths)
        files = uploader.finish()

    assert 3 == len(pauses)
    assert {f"/master.outputrepo/{path}" for path in paths} == set(s3.objects)
    for path, file in zip(paths, files, strict=True):
        content = s3.objects[f"/master.outputrepo/{path}"]
        assert path * 1000 == content.decode()
        assert hashlib.sha256(content).hexdigest() == file.sha256
