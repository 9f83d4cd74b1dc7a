"""Who signed an S3 request: access key and secret are one and the same token."""

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote, unquote

from aiohttp import web

from local_cluster.pachd.s3.replies import S3Error

__all__ = ["check_signature"]

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]*)/(?P<scope>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)


def check_signature(request: web.Request, token: str | None) -> None:
    """Refuse a request that is not signed with the token.

    Without a token anybody may come, unsigned too; but whoever signs has to use the
    access key as the secret.
    """
    header = request.headers.get("Authorization", "")
    if not header and token is None:
        return
    match = _AUTHORIZATION.fullmatch(header)
    if match is None:
        raise S3Error(403, "AccessDenied", "Access Denied.")
    key = match["key"]
    if token is not None and not hmac.compare_digest(key.encode(), token.encode()):
        unknown = "The access key ID you provided does not exist in our records."
        raise S3Error(403, "InvalidAccessKeyId", unknown)
    expected = _signature(request, key, match["scope"], match["headers"])
    if not hmac.compare_digest(expected, match["signature"]):
        raise S3Error(403, "SignatureDoesNotMatch", _MISMATCH)


def _signature(request: web.Request, secret: str, scope: str, headers: str) -> str:
    canonical = _canonical_request(request, headers).encode()
    moment = request.headers.get("X-Amz-Date", "")
    digest = hashlib.sha256(canonical).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for step in scope.split("/"):
        key = _hmac(key, step)
    return _hmac(key, text).hex()


def _canonical_request(request: web.Request, headers: str) -> str:
    path, _, query = request.raw_path.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    encoded = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in pairs)
    lines = [f"{name}:{_header(request, name)}\n" for name in headers.split(";")]
    return "\n".join(
        (
            request.method,
            quote(unquote(path), safe="/~"),
            "&".join(f"{k}={v}" for k, v in encoded),
            "".join(lines),
            headers,
            request.headers.get("X-Amz-Content-Sha256", ""),
        )
    )


def _header(request: web.Request, name: str) -> str:
    values = request.headers.getall(name, [])
    return ",".join(" ".join(value.split()) for value in values)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
