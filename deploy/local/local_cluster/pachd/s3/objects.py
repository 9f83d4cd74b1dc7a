"""Objects: one file of a commit each, streamed in and out."""

import asyncio
import hashlib
import mimetypes
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from local_cluster.pachd.blobs import CHUNK, BlobWriter
from local_cluster.pachd.errors import (
    CommitOnOutputBranchError,
    FileMissingError,
    PfsError,
)
from local_cluster.pachd.files import Draft
from local_cluster.pachd.records import Commit, Content
from local_cluster.pachd.s3.buckets import Bucket
from local_cluster.pachd.s3.replies import (
    S3Error,
    internal_error,
    invalid_path,
    no_such_key,
)
from local_cluster.pachd.trees import content_size
from local_cluster.pachd.world import World

__all__ = [
    "delete_object",
    "get_object",
    "key_path",
    "put_file",
    "put_object",
    "receive",
    "save",
]

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
_SNIFFED = 512
_BAD_NAME = re.compile("only printable ASCII characters allowed|not allowed in path")
_TYPES = {".h5": "application/x-hdf", ".json": "application/json"}


def key_path(key: str) -> str:
    """Return the path of a key, or refuse that of a folder."""
    if not key or key.endswith("/"):
        raise invalid_path()
    return f"/{key}"


@dataclass(frozen=True, slots=True)
class _Object:
    """A file as S3 shows it."""

    content: Content
    headers: dict[str, str]


async def get_object(
    world: World, bucket: Bucket, key: str, request: web.Request
) -> web.StreamResponse:
    """Send a file, or a range of it, or only its headers."""
    found = _look_up(world, bucket, key)
    size = content_size(found.content)
    start, stop = _range(request, size)
    response = web.StreamResponse(headers=found.headers)
    if (start, stop) != (0, size):
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.content_length = stop - start
    await response.prepare(request)
    if request.method != "HEAD":
        pieces = world.store.blobs.read(found.content, start, stop - start)
        while data := await asyncio.to_thread(next, pieces, b""):
            await response.write(data)
    await response.write_eof()
    return response


async def put_object(
    world: World, bucket: Bucket, key: str, request: web.Request
) -> web.Response:
    """Replace a file: in the open commit, or in a new one of its own."""
    if "X-Amz-Copy-Source" in request.headers:
        raise S3Error(400, "InvalidArgument", "Invalid Argument")
    bucket.resolve(world)
    draft = _open_draft(world, bucket)
    put_file(draft, key, await receive(world, request))
    commit = save(world, bucket, draft)
    etag = _look_up(world, bucket, key).headers["ETag"]
    headers = {"ETag": etag, "x-amz-version-id": commit.key.id}
    return web.Response(headers=headers)


def put_file(draft: Draft, key: str, content: Content) -> None:
    """Replace a file, or refuse a key that no file can have."""
    try:
        draft.put(key_path(key), content)
    except PfsError as refusal:
        if _BAD_NAME.search(refusal.details):
            raise invalid_path() from None
        raise


async def delete_object(world: World, bucket: Bucket, key: str) -> web.Response:
    """Delete a file: in the open commit, or in a new one of its own."""
    path = key_path(key)
    bucket.resolve(world)
    draft = _open_draft(world, bucket)
    draft.delete(path)
    save(world, bucket, draft)
    return web.Response(status=204)


async def receive(world: World, request: web.Request) -> Content:
    """Take in the body of a request without ever holding all of it."""
    chunked = "aws-chunked" in request.headers.get("Content-Encoding", "")
    if request.content_length is None or chunked:
        words = "You must provide the Content-Length HTTP header."
        raise S3Error(411, "MissingContentLength", words)
    md5 = hashlib.md5(usedforsecurity=False)
    with world.store.blobs.writer() as blob:
        async for data in request.content.iter_chunked(CHUNK):
            md5.update(data)
            await asyncio.to_thread(_write, blob, data)
        expected = request.headers.get("Content-MD5")
        if expected not in {None, b64encode(md5.digest()).decode()}:
            words = "The Content-MD5 you specified did not match what we received."
            raise S3Error(400, "BadDigest", words)
        return blob.keep()


def save(world: World, bucket: Bucket, draft: Draft) -> Commit:
    """Bring a draft into the bucket's commit, or refuse as the gateway does."""
    try:
        return world.files.save(bucket.target(), draft)
    except CommitOnOutputBranchError:
        words = "You cannot write to an output branch"
        raise S3Error(400, "WriteToOutputBranch", words) from None
    except PfsError as refusal:
        raise internal_error(refusal.details) from None


def _open_draft(world: World, bucket: Bucket) -> Draft:
    try:
        return world.files.draft(bucket.target())
    except PfsError as refusal:
        raise internal_error(refusal.details) from None


def _write(blob: BlobWriter, data: bytes) -> None:
    blob.write(data)


def _look_up(world: World, bucket: Bucket, key: str) -> _Object:
    commit = bucket.resolve(world)
    try:
        content = world.files.content(commit.key, key_path(key))
    except FileMissingError:
        raise no_such_key() from None
    except PfsError as refusal:
        raise internal_error(refusal.details) from None
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": _content_type(world, key, content),
        "ETag": f'"{world.store.blobs.file_hash(content).hex()}"',
    }
    if commit.finishing is not None:
        moment = datetime.fromtimestamp(commit.finishing // 10**9, UTC)
        headers["Last-Modified"] = format_datetime(moment, usegmt=True)
    if bucket.commit is not None:
        headers["x-amz-version-id"] = bucket.commit
    return _Object(content, headers)


def _range(request: web.Request, size: int) -> tuple[int, int]:
    """Return where to start and where to stop sending."""
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or not (match[1] or match[2]):
        return 0, size
    if not match[1]:
        return max(0, size - int(match[2])), size
    start = int(match[1])
    stop = min(int(match[2]) + 1, size) if match[2] else size
    if start >= size or stop <= start:
        raise S3Error(416, "InvalidRange", "The requested range is not satisfiable")
    return start, stop


def _content_type(world: World, key: str, content: Content) -> str:
    """Return a type by the name, or by a look at the first bytes."""
    suffix = "." + key.rpartition(".")[2]
    known = _TYPES.get(suffix)
    if known is not None:
        return known
    if suffix in {".png", ".svg", ".html", ".txt", ".csv", ".pdf"}:
        kind = mimetypes.types_map[suffix]
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    start = b"".join(world.store.blobs.read(content, 0, _SNIFFED))
    if start.startswith(b"PK\x03\x04"):
        return "application/zip"
    binary = any(byte < ord(" ") and byte not in b"\t\n\x0c\r\x1b" for byte in start)
    return "application/octet-stream" if binary else "text/plain; charset=utf-8"
