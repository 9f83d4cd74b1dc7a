"""Keys that sign records in tests, and a small record."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1","subject":[]}'
SEED = bytes(range(32))
FORMS = PrivateFormat


def pem_of(key, form=FORMS.PKCS8, password=None):
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, hidden)


def public_of(key):
    return key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
P256 = ec.derive_private_key(int.from_bytes(SEED), ec.SECP256R1())
P384 = ec.derive_private_key(int.from_bytes(SEED), ec.SECP384R1())
KEYS = {"ed25519": ED25519, "ecdsa-p256": P256}
each_kind = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
