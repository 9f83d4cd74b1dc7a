"""Multipart uploads: parts wait aside until they become one file."""

import hashlib
import re
from dataclasses import dataclass, field

from aiohttp import web

from local_cluster.pachd.branches import new_id
from local_cluster.pachd.records import Content
from local_cluster.pachd.s3.buckets import Bucket
from local_cluster.pachd.s3.objects import key_path, put_file, receive, save
from local_cluster.pachd.s3.replies import S3Error, document, element
from local_cluster.pachd.world import World

__all__ = ["Uploads"]

_PART = re.compile(rb"<PartNumber>([0-9]+)</PartNumber>")


@dataclass(slots=True)
class _Upload:
    bucket: Bucket
    key: str
    parts: dict[int, Content] = field(default_factory=dict)


class Uploads:
    """The uploads under way; they end with the server that they began on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._uploads: dict[str, _Upload] = {}

    def create(self, bucket: Bucket, key: str) -> web.Response:
        """Begin an upload."""
        bucket.resolve(self._world)
        key_path(key)
        identity = new_id()
        self._uploads[identity] = _Upload(bucket, key)
        return document(
            element(
                "InitiateMultipartUploadResult",
                element("Bucket", bucket.name),
                element("Key", key),
                element("UploadId", identity),
            )
        )

    async def put_part(self, request: web.Request) -> web.Response:
        """Take in one part."""
        upload = self._known(request)
        content = await receive(self._world, request)
        upload.parts[int(request.query["partNumber"])] = content
        etag = self._world.store.blobs.file_hash(content).hex()
        return web.Response(headers={"ETag": f'"{etag}"'})

    async def complete(self, request: web.Request) -> web.Response:
        """Make one file of the parts that the client names."""
        upload = self._known(request)
        numbers = [int(number) for number in _PART.findall(await request.read())]
        if not numbers or any(number not in upload.parts for number in numbers):
            words = "One or more of the specified parts could not be found."
            raise S3Error(400, "InvalidPart", words)
        content = tuple(p for number in numbers for p in upload.parts[number])
        draft = self._world.files.draft(upload.bucket.target())
        put_file(draft, upload.key, content)
        commit = save(self._world, upload.bucket, draft)
        del self._uploads[request.query["uploadId"]]
        digests = "".join(part.digest for part in content)
        etag = hashlib.blake2b(digests.encode(), digest_size=32).hexdigest()
        result = element(
            "CompleteMultipartUploadResult",
            element("Location", "PACHYDERM"),
            element("Bucket", upload.bucket.name),
            element("Key", upload.key),
            element("ETag", f'"{etag}"'),
        )
        return document(result, headers=[("x-amz-version-id", commit.key.id)])

    def abort(self, request: web.Request) -> web.Response:
        """Forget an upload."""
        self._known(request)
        del self._uploads[request.query["uploadId"]]
        return web.Response(status=204)

    def _known(self, request: web.Request) -> _Upload:
        upload = self._uploads.get(request.query["uploadId"])
        if upload is None:
            words = "The specified multipart upload does not exist."
            raise S3Error(404, "NoSuchUpload", words)
        return upload
