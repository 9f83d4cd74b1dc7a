"""Stock cosign checks what the operator signed, with nothing but the public key.

It is built once from its Go module. Where that cannot be had these tests fail: they are
asked for by name (`make test-cosign`), so nobody is content with none of them.
"""

import hashlib
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from cluster.rig.binaries import COSIGN, find
from mnist_operator.evidence import HashedFile
from mnist_operator.lineage import build_statement
from mnist_operator.runs import canonical
from mnist_operator.signing import check_bundle, sign_statement
from unit.evidence import evidence

MODEL = b"the bytes of a model"
REPORT = b"the bytes of a report"
KEYS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
}
SECONDS = 60


@pytest.fixture(name="cosign", scope="module")
def _cosign():
    return find(COSIGN)


@pytest.fixture(name="commit", params=KEYS)
def _commit(request, tmp_path):
    """A downloaded output commit, and the public key beside it."""
    key = KEYS[request.param]()
    files = {"my_model.h5": MODEL, "report/notes.txt": REPORT}
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    hashed = [
        HashedFile(f"/{name}", len(content), hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    ]
    # A manifest would have to agree with the files; a trainer may have none.
    statement = canonical(build_statement(evidence(manifest={}, files=hashed)))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "lineage.json").write_bytes(statement)
    (tmp_path / "lineage.sigstore.json").write_bytes(sign_statement(statement, pem))
    (tmp_path / "operator.pub").write_bytes(public)
    return tmp_path


def _verify(cosign, folder, name, key="operator.pub"):
    """As docs/signing.md tells an auditor to."""
    return subprocess.run(
        [
            str(cosign),
            "verify-blob-attestation",
            f"--key={key}",
            "--bundle=lineage.sigstore.json",
            "--insecure-ignore-tlog",
            "--type=slsaprovenance1",
            name,
        ],
        cwd=folder,
        # Its cache of sigstore's roots; none of them is needed, so no network either.
        env={"HOME": str(folder / "home"), "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("name", ["my_model.h5", "report/notes.txt"])
def test_cosign_says_that_every_file_is_the_one_that_was_signed_for(
    cosign, commit, name
):
    done = _verify(cosign, commit, name)

    assert "Verified OK" in done.stderr
    assert 0 == done.returncode


def test_cosign_refuses_a_model_with_one_changed_byte(cosign, commit):
    (commit / "my_model.h5").write_bytes(MODEL[:-1] + b"?")

    done = _verify(cosign, commit, "my_model.h5")

    assert "do not match digests in statement" in done.stderr
    assert 0 != done.returncode


def test_cosign_refuses_a_signature_with_one_changed_byte(cosign, commit):
    path = commit / "lineage.sigstore.json"
    head, mark, tail = path.read_text().rpartition('"sig":"')
    other = "B" if tail[10] == "A" else "A"
    path.write_text(f"{head}{mark}{tail[:10]}{other}{tail[11:]}")

    done = _verify(cosign, commit, "my_model.h5")

    assert 0 != done.returncode


@pytest.mark.parametrize("kind", KEYS)
def test_cosign_refuses_another_key(cosign, commit, kind):
    other = KEYS[kind]().public_key()
    (commit / "other.pub").write_bytes(
        other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )

    done = _verify(cosign, commit, "my_model.h5", key="other.pub")

    assert 0 != done.returncode


def test_both_of_us_agree_on_what_is_valid(cosign, commit):
    parts = [
        (commit / name).read_bytes()
        for name in ("lineage.sigstore.json", "lineage.json", "operator.pub")
    ]

    assert "" == check_bundle(*parts)
    assert 0 == _verify(cosign, commit, "my_model.h5").returncode
