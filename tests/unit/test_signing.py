"""The signature of a record: what is signed, and what is valid."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mnist_operator.signing import (
    PAYLOAD_TYPE,
    check_bundle,
    encode,
    read_hint,
    sign_statement,
)
from unit.signing_keys import (
    ED25519,
    FORMS,
    KEYS,
    P256,
    SEED,
    STATEMENT,
    each_kind,
    pem_of,
    public_of,
)

# --- what is signed -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload_type", "payload", "message"),
    [
        pytest.param(
            "http://example.com/HelloWorld",
            b"hello world",
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world",
            id="the-example-of-dsse",
        ),
        pytest.param("", b"", b"DSSEv1 0  0 ", id="nothing"),
        pytest.param(
            "t", "é\n".encode(), b"DSSEv1 1 t 3 \xc3\xa9\n", id="bytes-are-counted"
        ),
        pytest.param("é", b"x", b"DSSEv1 2 \xc3\xa9 1 x", id="also-those-of-the-type"),
    ],
)
def test_the_message_is_dsses_own_encoding(payload_type, payload, message):
    assert message == encode(payload_type, payload)


def test_the_known_signature_of_a_known_key_is_made():
    """Ed25519 has one signature for a key and a message; this one is OpenSSL's."""
    bundle = json.loads(sign_statement(STATEMENT, pem_of(ED25519)))

    assert KNOWN_SIGNATURE == bundle["dsseEnvelope"]["signatures"][0]["sig"]


KNOWN_SIGNATURE = (
    "Tl5jtUDQ8QICgEcFNy0Qyhl8QZ/mQCM4+bEreP6YRcS0/HUxFEyzTtTHtCfZ4YmQ"
    "lmyitr/F3zhfOBPg40lrCg=="
)


def _known(kind):
    """What tests/schemas compares with sigstore's own description."""
    path = Path(__file__).parents[1] / "schemas" / "bundles" / f"{kind}.json"
    return path.read_bytes().rstrip(b"\n")


def test_the_known_bundle_of_a_known_key_is_made():
    assert _known("ed25519") == sign_statement(STATEMENT, pem_of(ED25519))


@pytest.mark.parametrize("kind", KEYS)
def test_a_known_bundle_is_valid(kind):
    """An ECDSA signature is another one each time."""
    assert "" == check_bundle(_known(kind), STATEMENT, public_of(KEYS[kind]))


@each_kind
def test_a_bundle_holds_the_very_bytes_and_names_its_key(key):
    bundle = sign_statement(STATEMENT, pem_of(key))

    value = json.loads(bundle)
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    hint = base64.b64encode(digest.finalize()).decode()
    envelope = value["dsseEnvelope"]
    assert STATEMENT == base64.b64decode(envelope["payload"])
    assert PAYLOAD_TYPE == envelope["payloadType"]
    assert "application/vnd.dev.sigstore.bundle.v0.3+json" == value["mediaType"]
    assert {"publicKey": {"hint": hint}, "tlogEntries": []} == (
        value["verificationMaterial"]
    )
    assert hint == read_hint(bundle)


@each_kind
def test_a_bundle_is_canonical_json(key):
    bundle = sign_statement(STATEMENT, pem_of(key))

    again = json.dumps(json.loads(bundle), sort_keys=True, separators=(",", ":"))
    assert again.encode() == bundle


# --- what is valid, and what is not ---------------------------------------------------


@each_kind
def test_a_signature_of_this_key_over_these_bytes_is_valid(key):
    bundle = sign_statement(STATEMENT, pem_of(key))

    assert "" == check_bundle(bundle, STATEMENT, public_of(key))


def test_the_older_form_of_an_ecdsa_key_signs_as_well():
    bundle = sign_statement(STATEMENT, pem_of(P256, FORMS.TraditionalOpenSSL))

    assert "" == check_bundle(bundle, STATEMENT, public_of(P256))


def test_a_key_with_its_curves_parameters_before_it_signs_as_well():
    """As `openssl ecparam -genkey` writes it."""
    parameters = (
        b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
        b"-----END EC PARAMETERS-----\n"
    )
    key = parameters + pem_of(P256, FORMS.TraditionalOpenSSL)

    bundle = sign_statement(STATEMENT, key)

    assert "" == check_bundle(bundle, STATEMENT, public_of(P256))


def test_one_changed_byte_of_the_record_is_told():
    bundle = sign_statement(STATEMENT, pem_of(ED25519))

    told = check_bundle(bundle, STATEMENT.replace(b"v1", b"v2"), public_of(ED25519))

    assert "what was signed is another record than lineage.json" == told


def test_both_changed_alike_are_told_by_the_signature():
    changed = STATEMENT.replace(b"v1", b"v2")
    value = json.loads(sign_statement(STATEMENT, pem_of(ED25519)))
    value["dsseEnvelope"]["payload"] = base64.b64encode(changed).decode()

    told = check_bundle(json.dumps(value).encode(), changed, public_of(ED25519))

    assert "the signature is not one that this key made of lineage.json" == told


@pytest.mark.parametrize("signer", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize(
    "other",
    [ed25519.Ed25519PrivateKey.from_private_bytes(SEED[::-1]), P256, ED25519],
    ids=["another", "ecdsa-p256", "ed25519"],
)
def test_another_key_is_told_with_both_names(signer, other):
    if signer is other:
        return
    bundle = sign_statement(STATEMENT, pem_of(signer))
    own = read_hint(sign_statement(STATEMENT, pem_of(other)))

    told = check_bundle(bundle, STATEMENT, public_of(other))

    assert (
        f"the bundle was made with key {read_hint(bundle)}; this key is {own}" == told
    )
