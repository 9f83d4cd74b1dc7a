"""Whatever a gateway answers, or a proxy in its place: who must act is told right."""

import pytest

from mnist_trainer.errors import (
    AccessRefusedError,
    ConfigError,
    InputMissingError,
    UnreachableError,
)
from mnist_trainer.s3_bounds import ANSWER_LIMIT
from trainer.hostile.breaking import CONTENT, LIMIT, Break, answer, refusal

DOWN = answer(CONTENT)
HTML = b"<html><body>one moment please</body></html>"
PASSING = {
    "400-bad-digest": refusal(400, "BadDigest"),
    "400-incomplete": refusal(400, "IncompleteBody"),
    "400-late": refusal(400, "RequestTimeout"),
    "403-clock": refusal(403, "RequestTimeTooSkewed"),
    "408": refusal(408, "RequestTimeout"),
    "409": refusal(409, "OperationAborted"),
    "429": refusal(429, "TooManyRequests"),
    "500": refusal(500, "InternalError"),
    "500-cut": refusal(500, "InternalError")[:70],
    "502-html": answer(HTML, status="502 Bad Gateway"),
    "503": refusal(503, "SlowDown"),
    "503-garbage": answer(b"<xml<<\xff\x00", status="503 No"),
    "307": answer(b"", status="307 No", headers="Location: http://a.example/\r\n"),
    "999": answer(b"", status="999 No"),
    "no-http": b"\x00\xff" * 100,
    "endless-head": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
    "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
}
"""Answers to anything that the next attempt may not get."""

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GARBLED = {
    "no-length": b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT,
    "a-word-for-a-length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" + CONTENT,
    "a-length-below-nothing": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "a-part": answer(CONTENT[:9], status="206 Partial Content"),
    "nothing": b"HTTP/1.1 204 No Content\r\n\r\n",
    "a-chunk-without-an-end": CHUNKED + b"25\r\n" + CONTENT + b"\r\n",
    "half-a-chunk": CHUNKED + b"25\r\n" + CONTENT[:20],
    "no-chunk": CHUNKED + b"many\r\n" + CONTENT,
    "no-date": DOWN.replace(b"\r\n\r\n", b"\r\nLast-Modified: never\r\n\r\n", 1),
}
"""Answers to a download that tell of no whole file."""

NO_LIST = {
    "html": answer(b"<html/>"),
    "no-xml": answer(b"{}"),
    "half-a-list": answer(b"<R><IsTruncated>false</IsTruncated><Contents>"),
    "a-file-without-a-name": answer(
        b"<R><IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents></R>"
    ),
    "a-list-without-an-end": answer(
        b"<R><IsTruncated>true</IsTruncated><Contents><Key>d/a</Key></Contents></R>"
    ),
}


def _do(storage, what, target, model):
    if what == "down":
        storage.download("x", target, limit=LIMIT)
    elif what == "up":
        storage.upload(model, "model")
    else:
        storage.list_files("d")


@pytest.mark.parametrize("what", ["down", "up", "list"])
@pytest.mark.parametrize("told", PASSING)
def test_an_answer_of_the_moment_is_asked_for_again_and_again(
    gateway, storage, target, model, what, told
):
    gateway.breaks[:] = [Break(answer=PASSING[told])] * 100

    with pytest.raises(UnreachableError, match="failed 3 times"):
        _do(storage, what, target, model)

    assert 3 == len(gateway.asked)


@pytest.mark.parametrize("what", ["down", "up", "list"])
@pytest.mark.parametrize("status", ["200 OK", "403 No", "503 No"])
def test_no_more_is_read_of_an_endless_answer_than_a_true_one_has(
    gateway, storage, target, model, what, status
):
    endless = answer(b"x" * (ANSWER_LIMIT + 1), status=status)
    told = Break(answer=endless.replace(b"Content-Length", b"X-Length"))
    gateway.breaks[:] = [told] * 3

    with pytest.raises(UnreachableError, match=r"more than|how long the file is"):
        _do(storage, what, target, model)


@pytest.mark.parametrize("told", GARBLED)
def test_what_is_no_whole_file_is_never_taken_for_one(gateway, storage, target, told):
    gateway.breaks[:] = [Break(answer=GARBLED[told])] * 3

    with pytest.raises(UnreachableError, match="failed 3 times"):
        storage.download("x", target, limit=LIMIT)


def test_a_file_in_chunks_has_an_end_of_its_own(gateway, storage, target):
    chunks = CHUNKED + b"25\r\n" + CONTENT + b"\r\n0\r\n\r\n"
    gateway.breaks[:] = [Break(answer=chunks)]
    stored = storage.download("x", target, limit=LIMIT)

    assert (len(CONTENT), CONTENT) == (stored.bytes, target.read_bytes())


@pytest.mark.parametrize("told", NO_LIST)
def test_what_is_no_list_is_no_empty_folder(gateway, storage, told):
    gateway.breaks[:] = [Break(answer=NO_LIST[told])] * 100

    with pytest.raises(UnreachableError, match="failed 3 times"):
        storage.list_files("d")


@pytest.mark.parametrize(
    ("told", "error", "remedy"),
    [
        (refusal(403, "AccessDenied"), AccessRefusedError, "AWS_ACCESS_KEY_ID"),
        (answer(HTML, status="403 No"), AccessRefusedError, "403: no reason"),
        (refusal(404, "NoSuchKey"), InputMissingError, "check the bucket"),
        (refusal(400, "InvalidArgument"), InputMissingError, "is refused"),
        (
            answer(b"", status="301 No", headers="Location: https://b.example/\r\n"),
            ConfigError,
            r"name the gateway itself in S3_ENDPOINT .*to https://b\.example/",
        ),
        (refusal(404, "A\x1b[2J", "\x07"), InputMissingError, "404: Not Found"),
    ],
)
def test_an_answer_for_good_is_believed_at_once(
    gateway, storage, target, told, error, remedy
):
    gateway.breaks[:] = [Break(answer=told)] * 3

    with pytest.raises(error, match=remedy) as refused:
        storage.download("x", target, limit=LIMIT)

    assert str(refused.value).isprintable()
    assert 1 == len(gateway.asked)
