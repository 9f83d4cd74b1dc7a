"""The signature of a record, against sigstore's own description of a bundle.

The bundles beside this file are known answers: tests/unit/test_signing.py makes the
same ones, since what signs cannot be installed beside what describes.
"""

import base64
import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from sigstore_models.bundle.v1 import Bundle

BUNDLES = sorted(Path(__file__).with_name("bundles").glob("*.json"))
_each = pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)


def test_there_is_one_for_each_kind_of_key():
    assert ["ecdsa-p256", "ed25519"] == [path.stem for path in BUNDLES]


@_each
def test_a_bundle_is_one_of_sigstore_and_has_nothing_else(path):
    bundle = Bundle.from_json(path.read_bytes())

    assert json.loads(path.read_bytes()) == bundle.to_dict()


@_each
def test_it_carries_a_statement_in_an_envelope_with_one_signature(path):
    bundle = Bundle.from_json(path.read_bytes())

    assert bundle.message_signature is None
    assert "application/vnd.in-toto+json" == bundle.dsse_envelope.payload_type
    assert 1 == len(bundle.dsse_envelope.signatures)
    statement = json.loads(
        base64.b64decode(bundle.to_dict()["dsseEnvelope"]["payload"])
    )
    assert "https://in-toto.io/Statement/v1" == statement["_type"]


@_each
def test_it_names_a_public_key_and_neither_certificate_nor_log(path):
    material = Bundle.from_json(path.read_bytes()).verification_material

    assert 32 == len(base64.b64decode(material.public_key.hint, validate=True))
    assert material.certificate is None
    assert [] == material.tlog_entries


@_each
def test_the_description_would_notice_a_field_that_it_does_not_know(path):
    value = json.loads(path.read_bytes()) | {"signedBy": "nobody"}

    with pytest.raises(ValidationError, match="signedBy"):
        Bundle.from_dict(value)
