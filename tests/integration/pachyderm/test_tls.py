"""Whom a client trusts, and that it speaks to nobody in clear."""

import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local_cluster.pachd import Pachd
from mnist_operator.commits import Repo
from mnist_operator.errors import UnreachableError

_REPO = Repo("default", "inputrepo")


class _Certificate:
    """A throwaway CA that signed itself for 127.0.0.1."""

    def __init__(self, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throwaway")])
        now = dt.datetime.now(dt.UTC)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(minutes=5))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pem = signed.public_bytes(serialization.Encoding.PEM)
        self.files = (folder / "tls.crt", folder / "tls.key")
        self.files[0].write_bytes(self.pem)
        self.files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


@pytest.fixture
def certificate(tmp_path):
    return _Certificate(tmp_path)


@pytest.fixture
async def encrypted(tmp_path, certificate):
    async with Pachd(tmp_path / "pachd", tls=certificate.files) as server:
        yield server


async def test_a_server_with_our_ca_is_trusted(encrypted, dial, certificate):
    client = dial(f"grpcs://{encrypted.address}", root_certificates=certificate.pem)

    await client.create_repo(_REPO)

    assert await client.repo_exists(_REPO)


async def test_a_server_with_a_strange_ca_is_not_trusted(encrypted, dial):
    client = dial(f"grpcs://{encrypted.address}")

    with pytest.raises(UnreachableError):
        await client.repo_exists(_REPO)


async def test_a_server_without_tls_is_not_spoken_to_in_clear(pachd, dial):
    client = dial(pachd.address, tls=True)

    with pytest.raises(UnreachableError):
        await client.repo_exists(_REPO)
