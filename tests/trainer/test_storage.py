"""Files over HTTP and on disk: how the gateway is asked, and who must act on a no."""

import hashlib
import socket

import pytest

from mnist_trainer.errors import (
    AccessRefusedError,
    ConfigError,
    DataError,
    DiskError,
    InputMissingError,
    OutputRefusedError,
    UnreachableError,
)
from mnist_trainer.folder import FolderStorage
from mnist_trainer.storage import StoredFile
from trainer.buckets import COMMIT, SOURCE, TARGET, UNWELL, Storage

CONTENT = bytes(range(256)) * 10_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LIMIT = 1 << 30
UNGRANTED = (
    "robot:trainer is not authorized to perform this operation - needs permissions"
    " [REPO_READ] on REPO default/in. Run `pachctl auth roles-for-permission` to find"
    " roles that grant a given permission."
)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def target(tmp_path):
    return tmp_path / "target"


def test_a_download_is_one_whole_get_and_digested(s3, target):
    s3.objects[f"/{SOURCE}/data/mnist.npz"] = CONTENT
    stored = Storage(s3.endpoint).download("data/mnist.npz", target, limit=LIMIT)

    assert StoredFile("/data/mnist.npz", DIGEST, len(CONTENT)) == stored
    assert target.read_bytes() == CONTENT
    assert [("GET", f"/{SOURCE}/data/mnist.npz")] == [
        (asked.method, asked.path) for asked in s3.requests
    ]
    assert "Range" not in s3.requests[0].headers


def test_an_upload_is_one_plain_put_and_digested(s3, model):
    stored = Storage(s3.endpoint).upload(model, "my_model.h5")
    (asked,) = s3.requests

    assert StoredFile("/my_model.h5", DIGEST, len(CONTENT)) == stored
    assert ("PUT", f"/{TARGET}/my_model.h5") == (asked.method, asked.path)
    assert CONTENT == asked.body
    assert str(len(CONTENT)) == asked.headers["Content-Length"]
    assert "aws-chunked" not in asked.headers.get("Content-Encoding", "")
    assert not [name for name in asked.headers if "checksum" in name.lower()]


def test_requests_are_signed_with_version_4_for_the_region(s3, model):
    storage = Storage(
        s3.endpoint,
        AWS_ACCESS_KEY_ID="token",
        AWS_SECRET_ACCESS_KEY="token",
        S3_REGION="us-east1-b",
    )
    storage.upload(model, "my_model.h5")
    signature = s3.requests[0].headers["Authorization"]

    assert signature.startswith("AWS4-HMAC-SHA256 Credential=token/")
    assert "/us-east1-b/s3/aws4_request" in signature


def test_credentials_of_the_surroundings_are_not_used(s3, model, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "somebody-else")
    Storage(s3.endpoint).upload(model, "my_model.h5")

    assert "somebody-else" not in s3.requests[0].headers["Authorization"]


def test_a_large_file_still_goes_up_in_one_put(s3, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(bytes(20 << 20))
    Storage(s3.endpoint).upload(large, "my_model.h5")

    assert [f"/{TARGET}/my_model.h5"] == s3.uploaded()


def test_a_server_that_recovers_gets_the_file_after_growing_pauses(s3, model):
    s3.answers = [UNWELL, UNWELL, UNWELL]
    storage = Storage(s3.endpoint)
    storage.upload(model, "my_model.h5")

    assert CONTENT == s3.objects[f"/{TARGET}/my_model.h5"]
    assert [0.5, 1, 2] == storage.pauses
    assert "the server is starting" in storage.said[0]


def test_a_stream_that_breaks_is_begun_anew(s3, target):
    s3.objects[f"/{SOURCE}/x"] = CONTENT
    s3.cut_streams = 2
    stored = Storage(s3.endpoint).download("x", target, limit=LIMIT)

    assert DIGEST == stored.sha256
    assert target.read_bytes() == CONTENT
    assert 3 == len(s3.requests)


def test_a_server_that_stays_unwell_is_given_up_after_the_last_attempt(s3, model):
    s3.answers = [UNWELL] * 9

    with pytest.raises(UnreachableError, match="failed 4 times"):
        Storage(s3.endpoint, AWS_MAX_ATTEMPTS="4").upload(model, "my_model.h5")

    assert 4 == len(s3.requests)


def test_a_server_that_does_not_listen_is_given_up_by_name(model):
    storage = Storage("127.0.0.1:9", AWS_MAX_ATTEMPTS="2")

    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9"):
        storage.upload(model, "my_model.h5")

    assert 1 == len(storage.pauses)


def test_a_server_that_never_answers_is_given_up_after_its_time(s3, target):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        storage = Storage(
            f"127.0.0.1:{deaf.getsockname()[1]}",
            S3_REQUEST_TIMEOUT_MSEC="50",
            AWS_MAX_ATTEMPTS="2",
        )

        with pytest.raises(UnreachableError, match=r"timeout|timed out"):
            storage.download("x", target, limit=LIMIT)


@pytest.mark.parametrize(
    ("answer", "error", "remedy"),
    [
        pytest.param(
            (404, "NoSuchKey", "The specified key does not exist."),
            InputMissingError,
            "check the bucket",
            id="no-such-file",
        ),
        pytest.param(
            (404, "NoSuchBucket", "The specified bucket does not exist."),
            InputMissingError,
            "check the bucket",
            id="no-such-branch",
        ),
        pytest.param(
            (500, "InternalError", f"commit default/in@{COMMIT} not found"),
            InputMissingError,
            "check the bucket",
            id="no-such-commit-which-pachd-calls-an-internal-error",
        ),
        pytest.param(
            (403, "AccessDenied", "Access Denied"),
            AccessRefusedError,
            "AWS_ACCESS_KEY_ID",
            id="a-token-that-is-none",
        ),
        pytest.param(
            (500, "InternalError", UNGRANTED),
            AccessRefusedError,
            "a role on the repo",
            id="a-token-without-the-right-which-pachd-calls-an-internal-error",
        ),
        pytest.param(
            (400, "InvalidFilePath", "Invalid file path"),
            InputMissingError,
            "Invalid file path",
            id="a-path-that-cannot-be",
        ),
    ],
)
def test_a_download_that_cannot_succeed_is_not_tried_again(
    s3, target, answer, error, remedy
):
    s3.answers = [answer]

    with pytest.raises(error, match=remedy) as refused:
        Storage(s3.endpoint).download("data/mnist.npz", target, limit=LIMIT)

    assert f"s3://{SOURCE}/data/mnist.npz" in str(refused.value)
    assert f"{answer[1]}: {answer[2]}" in str(refused.value)
    assert 1 == len(s3.requests)


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_a_key_that_the_server_quotes_is_not_repeated(s3, target, variable):
    keys = {"AWS_ACCESS_KEY_ID": "the-id", "AWS_SECRET_ACCESS_KEY": "the-secret"}
    s3.answers = [(403, "InvalidAccessKeyId", f"nobody has {keys[variable]} here")]

    with pytest.raises(AccessRefusedError, match="nobody has <key> here") as refused:
        Storage(s3.endpoint, **keys).download("data/mnist.npz", target, limit=LIMIT)

    assert keys[variable] not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        pytest.param(
            (500, "InternalError", f"commit default/r@{COMMIT} has already finished"),
            "another attempt has taken over",
            id="the-commit-is-finished",
        ),
        pytest.param(
            (404, "NoSuchBucket", "The specified bucket does not exist."),
            "check the bucket",
            id="the-branch-is-missing",
        ),
        pytest.param(
            (400, "InvalidArgument", "cannot start a commit on an output branch"),
            "output branch",
            id="the-branch-has-provenance",
        ),
    ],
)
def test_an_upload_that_cannot_succeed_is_not_tried_again(s3, model, answer, remedy):
    s3.answers = [answer]

    with pytest.raises(OutputRefusedError, match=remedy):
        Storage(s3.endpoint).upload(model, "my_model.h5")

    assert 1 == len(s3.requests)


def test_a_file_over_the_limit_is_refused_before_it_is_read(s3, target):
    s3.objects[f"/{SOURCE}/x"] = CONTENT

    with pytest.raises(DataError, match="push a smaller file"):
        Storage(s3.endpoint).download("x", target, limit=len(CONTENT) - 1)

    assert not target.exists()


def test_a_disk_that_takes_nothing_is_not_blamed_on_the_server(s3, tmp_path):
    s3.objects[f"/{SOURCE}/x"] = CONTENT

    with pytest.raises(DiskError, match="DATA_DIR"):
        Storage(s3.endpoint).download("x", tmp_path / "no" / "x", limit=LIMIT)

    assert 1 == len(s3.requests)


def test_a_folder_is_read_and_written_like_a_bucket(tmp_path, model, target):
    storage = FolderStorage(model.parent, tmp_path / "out")
    read = storage.download("model", target, limit=LIMIT)
    written = storage.upload(target, "report/copy")

    assert StoredFile("/model", DIGEST, len(CONTENT)) == read
    assert StoredFile("/report/copy", DIGEST, len(CONTENT)) == written
    assert CONTENT == (tmp_path / "out" / "report" / "copy").read_bytes()
    assert ["copy"] == [path.name for path in (tmp_path / "out" / "report").iterdir()]


def test_nothing_is_written_where_no_folder_was_named(tmp_path, model):
    with pytest.raises(ConfigError, match="--output is missing"):
        FolderStorage(tmp_path).upload(model, "my_model.h5")


def test_a_local_file_that_is_missing_is_named(tmp_path, target):
    with pytest.raises(InputMissingError, match=r"mnist\.npz"):
        FolderStorage(tmp_path, tmp_path).download("mnist.npz", target, limit=LIMIT)


def test_a_local_folder_that_cannot_be_written_is_named(tmp_path, model):
    with pytest.raises(DiskError, match="--output"):
        FolderStorage(tmp_path, model).upload(model, "my_model.h5")
