"""Sign a model's record, and check such a signature.

The signature is a DSSE envelope around the very bytes of lineage.json, in a sigstore
bundle without certificate and transparency log, so cosign can check it offline with
the public key alone. Everything here is pure except `read_key`.

Sources: DSSE v1 (https://github.com/secure-systems-lab/dsse), the sigstore bundle v0.3
(https://github.com/sigstore/protobuf-specs); the key's hint is what cosign writes.
"""

import base64
import binascii
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from mnist_operator.errors import SigningKeyError
from mnist_operator.runs import canonical

__all__ = [
    "MEDIA_TYPE",
    "PAYLOAD_TYPE",
    "check_bundle",
    "encode",
    "find_key_fault",
    "hint_of",
    "read_hint",
    "read_key",
    "sign_statement",
]

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

_SETTING = "MNIST_OPERATOR_SIGNING_KEY_FILE"
_KINDS = "an Ed25519 or ECDSA P-256"

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


def read_key(path: Path) -> bytes:
    """The signing key's PEM, read anew each time so that it can be replaced.

    Raises:
        SigningKeyError: It cannot be read, or is no key that can sign; the message
            names the setting, the file and the remedy, and holds nothing of the key.
    """
    try:
        pem = path.read_bytes()
        _load_private(pem)
    except OSError as error:
        fault = f"cannot be read ({error.strerror})"
    except SigningKeyError as error:
        fault = str(error)
    else:
        return pem
    raise SigningKeyError(
        f"{_SETTING}: {path} {fault}; put {_KINDS} private key there, in PEM and"
        " without a password (openssl genpkey -algorithm ed25519), or leave the setting"
        " out, and no record is signed"
    )


def sign_statement(statement: bytes, key_pem: bytes) -> bytes:
    """The sigstore bundle (canonical JSON) with the signature of a statement.

    Raises:
        SigningKeyError: This is no key that can sign.
    """
    key = _load_private(key_pem)
    message = encode(PAYLOAD_TYPE, statement)
    if isinstance(key, Ed25519PrivateKey):
        signature = key.sign(message)
    else:
        signature = key.sign(message, ECDSA(hashes.SHA256()))
    return canonical(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {
                "publicKey": {"hint": _hint(key.public_key())},
                "tlogEntries": [],
            },
            "dsseEnvelope": {
                "payload": _base64(statement),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": _base64(signature)}],
            },
        }
    )


def encode(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding of payload and type."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def check_bundle(bundle: bytes, statement: bytes, public_pem: bytes) -> str:
    """Say what is wrong with a signature; empty when it is valid.

    Valid is a bundle with exactly one signature, of this key, over these very bytes.
    """
    key = _load_public(public_pem)
    if isinstance(key, str):
        return f"the public key {key}"
    value = _object(bundle)
    if value is None:
        return "the bundle is no JSON object"
    if value.get("mediaType") != MEDIA_TYPE:
        return f"the bundle's mediaType is {value.get('mediaType')!r}, not {MEDIA_TYPE}"
    hint, own = read_hint(bundle), _hint(key)
    if hint != own:
        told = "names no key" if hint is None else f"was made with key {hint}"
        return f"the bundle {told}; this key is {own}"
    return _check_envelope(value.get("dsseEnvelope"), statement, key)


def read_hint(bundle: bytes) -> str | None:
    """Which key a bundle says that it was made with; None where it does not say.

    It is the base64 of the SHA-256 of the public key (DER, SubjectPublicKeyInfo).
    """
    material = (_object(bundle) or {}).get("verificationMaterial")
    public = material.get("publicKey") if isinstance(material, dict) else None
    hint = public.get("hint") if isinstance(public, dict) else None
    return hint if isinstance(hint, str) and hint else None


def hint_of(public_pem: bytes) -> str:
    """What `read_hint` says of signatures by this key; empty for what is no key."""
    key = _load_public(public_pem)
    return "" if isinstance(key, str) else _hint(key)


def find_key_fault(public_pem: bytes) -> str:
    """Why no signature can be checked with it; empty for a public key that will do."""
    key = _load_public(public_pem)
    return key if isinstance(key, str) else ""


def _check_envelope(envelope: Any, statement: bytes, key: PublicKey) -> str:
    if not isinstance(envelope, dict):
        return "the bundle has no dsseEnvelope"
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        kind = envelope.get("payloadType")
        return f"the envelope's payloadType is {kind!r}, not {PAYLOAD_TYPE}"
    if _decode(envelope.get("payload")) != statement:
        return "what was signed is another record than lineage.json"
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1:
        return "the envelope must have exactly one signature"
    signature = signatures[0].get("sig") if isinstance(signatures[0], dict) else None
    content = _decode(signature)
    if content is None or not _is_valid(key, content, encode(PAYLOAD_TYPE, statement)):
        return "the signature is not one that this key made of lineage.json"
    return ""


def _is_valid(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature, message, ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _load_private(pem: bytes) -> PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise SigningKeyError("is protected with a password") from None
    except (ValueError, UnsupportedAlgorithm):
        # Chained, the library's words could carry a piece of what was read.
        raise SigningKeyError("holds no private key in PEM") from None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return key
    raise SigningKeyError(f"holds another private key than {_KINDS} one")


def _load_public(pem: bytes) -> PublicKey | str:
    """The key, or why there is none."""
    if b"PRIVATE KEY-----" in pem:
        return "is a private one (openssl pkey -pubout makes the public one of it)"
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return "is none in PEM (-----BEGIN PUBLIC KEY-----)"
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    return f"is not {_KINDS} one"


def _hint(key: PublicKey) -> str:
    content = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _base64(hashlib.sha256(content).digest())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decode(text: Any) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
