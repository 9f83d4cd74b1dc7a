"""Which files there are below a folder, in a bucket and on disk."""

import pytest

from mnist_trainer.errors import InputMissingError
from mnist_trainer.folder import FolderStorage
from trainer.buckets import COMMIT, SOURCE, UNWELL, Storage


def _fill(s3, *names):
    s3.objects |= {f"/{SOURCE}/{name}": b"" for name in names}
    s3.objects["/another.bucket/data/other.npz"] = b""


def test_all_files_below_a_folder_are_listed_in_order(s3):
    _fill(s3, "data/b/2.npz", "data/a.npz", "database/x.npz", "readme", "data/")

    assert ["data/a.npz", "data/b/2.npz"] == Storage(s3.endpoint).list_files("data")


def test_all_files_of_the_commit_are_listed(s3):
    _fill(s3, "data/a.npz", "readme")

    assert ["data/a.npz", "readme"] == Storage(s3.endpoint).list_files("")


def test_a_folder_of_many_files_is_listed_page_after_page(s3):
    """As the gateway does it: with the last name of a page, not with a token."""
    names = [f"data/{number:03}.npz" for number in range(7)]
    _fill(s3, *names)
    s3.page = 3

    assert names == Storage(s3.endpoint).list_files("data")
    assert 3 == len(s3.requests)
    assert "marker=data%2F002.npz" in s3.requests[1].path
    assert "list-type=2" not in s3.requests[0].path


def test_a_folder_with_nothing_in_it_is_an_empty_list(s3):
    assert [] == Storage(s3.endpoint).list_files("data")


def test_a_list_is_asked_for_again_while_the_server_is_unwell(s3):
    s3.answers = [UNWELL]
    _fill(s3, "data/a.npz")

    assert ["data/a.npz"] == Storage(s3.endpoint).list_files("data")


def test_a_list_of_a_commit_that_is_missing_cannot_succeed(s3):
    s3.answers = [(500, "InternalError", f"commit default/in@{COMMIT} not found")]

    with pytest.raises(InputMissingError, match=f"s3://{SOURCE}/data/"):
        Storage(s3.endpoint).list_files("data")

    assert 1 == len(s3.requests)


def test_a_local_folder_is_listed_like_a_bucket(tmp_path):
    for name in ("data/b/2.npz", "data/a.npz", "database/x.npz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    storage = FolderStorage(tmp_path)

    assert ["data/a.npz", "data/b/2.npz"] == storage.list_files("data")
    assert ["data/a.npz", "data/b/2.npz", "database/x.npz"] == storage.list_files("")
    assert [] == storage.list_files("missing")
