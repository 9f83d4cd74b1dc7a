"""pachd's S3 gateway as a web application: which request is which operation."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from local_cluster.faults import FaultError, Faults
from local_cluster.pachd.errors import PfsError
from local_cluster.pachd.s3.buckets import (
    create_bucket,
    delete_bucket,
    list_buckets,
    list_objects,
    parse_bucket,
)
from local_cluster.pachd.s3.multipart import Uploads
from local_cluster.pachd.s3.objects import delete_object, get_object, put_object
from local_cluster.pachd.s3.replies import (
    S3Error,
    document,
    element,
    internal_error,
)
from local_cluster.pachd.s3.signing import check_signature
from local_cluster.pachd.world import World

__all__ = ["gateway"]

_Reply = Awaitable[web.StreamResponse] | web.StreamResponse

_LARGEST = 1 << 40
"""aiohttp's own limit on bodies; files are streamed and may be large."""


def gateway(world: World, faults: Faults, token: str | None) -> web.Application:
    """Return the web application of one running pachd."""
    uploads = Uploads(world)

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            check_signature(request, token)
            name, act = _operation(world, uploads, request)
            await faults.before(f"s3.{name}")
            reply = act()
            response = reply if isinstance(reply, web.StreamResponse) else await reply
            await faults.after(f"s3.{name}")
        except S3Error as refusal:
            return refusal.response(request)
        except PfsError as refusal:
            return internal_error(refusal.details).response(request)
        except FaultError as fault:
            return _fail(request, fault)
        return response

    app = web.Application(client_max_size=_LARGEST)
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def _operation(
    world: World, uploads: Uploads, request: web.Request
) -> tuple[str, Callable[[], _Reply]]:
    bucket, _, key = request.path.removeprefix("/").partition("/")
    if request.path.startswith("//") or "//" in request.path:
        return "Redirect", lambda: _redirect(request)
    if not bucket:
        return "ListBuckets", lambda: list_buckets(world)
    if not key:
        return _bucket_operation(world, bucket, request)
    if "uploads" in request.query or "uploadId" in request.query:
        return _multipart_operation(uploads, bucket, key, request)
    return _object_operation(world, bucket, key, request)


def _bucket_operation(
    world: World, name: str, request: web.Request
) -> tuple[str, Callable[[], _Reply]]:
    bucket = parse_bucket(name)
    if "location" in request.query:
        return "GetBucketLocation", lambda: _location(world, name)
    match request.method:
        case "GET" | "HEAD":
            operation = "ListObjects" if request.method == "GET" else "HeadBucket"
            return operation, lambda: list_objects(world, bucket, request)
        case "PUT":
            return "CreateBucket", lambda: create_bucket(world, bucket)
        case "DELETE":
            return "DeleteBucket", lambda: delete_bucket(world, bucket)
        case _:
            raise _not_allowed()


def _object_operation(
    world: World, name: str, key: str, request: web.Request
) -> tuple[str, Callable[[], _Reply]]:
    bucket = parse_bucket(name)
    match request.method:
        case "GET" | "HEAD":
            operation = "GetObject" if request.method == "GET" else "HeadObject"
            return operation, lambda: get_object(world, bucket, key, request)
        case "PUT":
            return "PutObject", lambda: put_object(world, bucket, key, request)
        case "DELETE":
            return "DeleteObject", lambda: delete_object(world, bucket, key)
        case _:
            raise _not_allowed()


def _multipart_operation(
    uploads: Uploads, name: str, key: str, request: web.Request
) -> tuple[str, Callable[[], _Reply]]:
    match request.method:
        case "POST" if "uploads" in request.query:
            bucket = parse_bucket(name)
            return "CreateMultipartUpload", lambda: uploads.create(bucket, key)
        case "POST":
            return "CompleteMultipartUpload", lambda: uploads.complete(request)
        case "PUT":
            return "UploadPart", lambda: uploads.put_part(request)
        case "DELETE":
            return "AbortMultipartUpload", lambda: uploads.abort(request)
        case _:
            raise _not_allowed()


def _location(world: World, name: str) -> web.Response:
    parse_bucket(name).resolve(world)
    return document(element("LocationConstraint", "PACHYDERM"))


def _redirect(request: web.Request) -> web.Response:
    """Send a key that starts with a slash elsewhere, as the Go router does."""
    clean = "/" + "/".join(part for part in request.raw_path.split("/") if part)
    return web.Response(status=301, headers={"Location": clean})


def _not_allowed() -> S3Error:
    words = "The specified method is not allowed against this resource."
    return S3Error(405, "MethodNotAllowed", words)


def _fail(request: web.Request, fault: FaultError) -> web.StreamResponse:
    if fault.drop:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    match fault.error:
        case (int(status), str(body)):
            return S3Error(status, _code(status), body).response(request)
        case _:
            raise TypeError(f"an S3 fault is (HTTP status, body): {fault.error!r}")


def _code(status: int) -> str:
    return {403: "AccessDenied", 404: "NoSuchKey", 503: "SlowDown"}.get(
        status, "InternalError"
    )
