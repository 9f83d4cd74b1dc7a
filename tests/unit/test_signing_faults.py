"""What is no valid signature, and no key: each in words of its own."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mnist_operator.errors import SigningKeyError
from mnist_operator.signing import (
    check_bundle,
    find_key_fault,
    hint_of,
    read_hint,
    read_key,
    sign_statement,
)
from unit.signing_keys import (
    ED25519,
    P256,
    P384,
    STATEMENT,
    each_kind,
    pem_of,
    public_of,
)

# --- bundles --------------------------------------------------------------------------


def _set(path, new):
    def change(value):
        *way, last = path
        for key in way:
            value = value[key]
        value[last] = new

    return change


SIGNATURES = ("dsseEnvelope", "signatures")
_tampered = pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            _set(["mediaType"], "application/json"),
            "the bundle's mediaType is 'application/json', not"
            " application/vnd.dev.sigstore.bundle.v0.3+json",
            id="media-type",
        ),
        pytest.param(
            _set(["verificationMaterial"], {}), "the bundle names no key;", id="no-key"
        ),
        pytest.param(
            _set(["verificationMaterial"], []), "the bundle names no key;", id="no-map"
        ),
        pytest.param(
            _set(["verificationMaterial", "publicKey"], "k"),
            "the bundle names no key;",
            id="a-key-that-is-none",
        ),
        pytest.param(
            _set(["verificationMaterial", "publicKey", "hint"], "AAAA"),
            "the bundle was made with key AAAA; this key is ",
            id="hint",
        ),
        pytest.param(
            _set(["dsseEnvelope"], None),
            "the bundle has no dsseEnvelope",
            id="no-envelope",
        ),
        pytest.param(
            _set(["dsseEnvelope", "payloadType"], "text/plain"),
            "the envelope's payloadType is 'text/plain', not",
            id="payload-type",
        ),
        pytest.param(
            _set(["dsseEnvelope", "payload"], "e30="),
            "what was signed is another record than lineage.json",
            id="payload",
        ),
        pytest.param(
            _set(["dsseEnvelope", "payload"], "no base64!"),
            "what was signed is another record than lineage.json",
            id="payload-that-is-none",
        ),
        pytest.param(
            _set(SIGNATURES, []),
            "the envelope must have exactly one signature",
            id="no-signature",
        ),
        pytest.param(
            _set(SIGNATURES, [{"sig": "AAAA"}, {"sig": "AAAA"}]),
            "the envelope must have exactly one signature",
            id="two-signatures",
        ),
        pytest.param(
            _set(SIGNATURES, None),
            "the envelope must have exactly one signature",
            id="signatures-that-are-no-list",
        ),
        pytest.param(
            _set(SIGNATURES, ["AAAA"]),
            "the signature is not one that this key made of lineage.json",
            id="a-signature-that-is-no-object",
        ),
        pytest.param(
            _set([*SIGNATURES, 0, "sig"], 7),
            "the signature is not one that this key made of lineage.json",
            id="a-signature-that-is-no-text",
        ),
        pytest.param(
            _set([*SIGNATURES, 0, "sig"], base64.b64encode(b"x" * 64).decode()),
            "the signature is not one that this key made of lineage.json",
            id="another-signature",
        ),
    ],
)


@each_kind
@_tampered
def test_a_bundle_that_was_tampered_with_is_told(key, change, told):
    value = json.loads(sign_statement(STATEMENT, pem_of(key)))
    change(value)

    fault = check_bundle(json.dumps(value).encode(), STATEMENT, public_of(key))

    assert fault.startswith(told)


@pytest.mark.parametrize(
    "bundle",
    [b"", b"[]", b"\xff", b"{", b"[" * 100_000],
    ids=["empty", "a-list", "no-text", "cut-off", "nested-without-end"],
)
def test_what_is_no_bundle_is_told(bundle):
    assert "the bundle is no JSON object" == (
        check_bundle(bundle, STATEMENT, public_of(P256))
    )
    assert read_hint(bundle) is None


# --- keys -----------------------------------------------------------------------------

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"", "holds no private key in PEM", id="empty"),
        pytest.param(b"secret-words", "holds no private key in PEM", id="no-pem"),
        pytest.param(
            public_of(ED25519), "holds no private key in PEM", id="a-public-key"
        ),
        pytest.param(
            pem_of(ED25519, password=b"hunter2"),
            "is protected with a password",
            id="encrypted",
        ),
        pytest.param(
            b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n"
            b"-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
            "holds no private key in PEM",
            id="cosigns-own-form",
        ),
        pytest.param(
            pem_of(P384),
            "holds another private key than an Ed25519",
            id="another-curve",
        ),
        pytest.param(
            pem_of(RSA), "holds another private key than an Ed25519", id="rsa"
        ),
    ],
)
def test_a_key_that_cannot_sign_is_told_with_setting_file_and_remedy(
    content, fault, tmp_path
):
    path = tmp_path / "key.pem"
    path.write_bytes(content)

    with pytest.raises(SigningKeyError) as caught:
        read_key(path)

    told = str(caught.value)
    assert told.startswith(f"MNIST_OPERATOR_SIGNING_KEY_FILE: {path} {fault}")
    assert "put an Ed25519 or ECDSA P-256 private key there" in told
    assert 1 == len(told.splitlines())
    assert not [
        each for each in content.decode().split() if len(each) > 8 and each in told
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("absent", "No such file or directory", id="absent"),
        pytest.param("", "Is a directory", id="a-folder"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_well(name, fault, tmp_path):
    with pytest.raises(SigningKeyError, match=f"cannot be read \\({fault}\\)"):
        read_key(tmp_path / name)


@each_kind
def test_a_key_that_can_sign_is_read_as_it_is(key, tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(pem_of(key))

    assert pem_of(key) == read_key(path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(pem_of(ED25519), "is a private one", id="private"),
        pytest.param(b"ssh-ed25519 AAAA", "is none in PEM", id="another-form"),
        pytest.param(public_of(RSA), "is not an Ed25519 or ECDSA P-256 one", id="rsa"),
        pytest.param(public_of(P384), "is not an Ed25519 or ECDSA P-256", id="curve"),
    ],
)
def test_nothing_is_checked_with_what_is_no_public_key(content, fault):
    bundle = sign_statement(STATEMENT, pem_of(ED25519))

    assert find_key_fault(content).startswith(fault)
    assert "" == hint_of(content)
    assert check_bundle(bundle, STATEMENT, content).startswith(
        f"the public key {fault}"
    )


@each_kind
def test_a_public_key_of_either_kind_will_do(key):
    own = read_hint(sign_statement(STATEMENT, pem_of(key)))

    assert "" == find_key_fault(public_of(key))
    assert own == hint_of(public_of(key))
