"""A throwaway authority, and the certificates that it gives to servers with TLS."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["HERE", "Authority"]

HERE = "127.0.0.1"
"""The name under which servers of a test are reached."""


class Authority:
    """Vouches for servers; its certificate is what belongs into a Secret."""

    def __init__(self, folder: Path, name: str = "pachyderm-ca") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        made = self._certificate(name, self._key, constraints)
        self.certificate = made.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, host: str = HERE, *, expired: bool = False) -> tuple[Path, Path]:
        """Write a server's certificate and key; another one replaces it."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_general_name(host)])
        made = self._certificate("pachd", key, names, expired=expired)
        certificate, private = self._folder / "tls.crt", self._folder / "tls.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, private

    def _certificate(
        self,
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
        *,
        expired: bool = False,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        end = now + dt.timedelta(hours=-1 if expired else 1)
        return (
            x509.CertificateBuilder()
            .subject_name(_distinguished_name(subject))
            .issuer_name(_distinguished_name(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=2))
            .not_valid_after(end)
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _distinguished_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
