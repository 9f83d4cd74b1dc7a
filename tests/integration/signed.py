"""A world whose operator signs its records, and what somebody has who checks them."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integration.world import OUTPUT, World


class SigningWorld(World):
    """A world where records are signed, with the key that `write_keys` leaves there."""

    @property
    def settings(self):
        key = self.folder / "signing.key"
        return super().settings.model_copy(update={"signing_key_file": key})


def where_is(world):
    """The variables by which mnistctl finds a world."""
    return {
        "KUBECONFIG": str(world.settings.kubeconfig),
        "PACHD_ADDRESS": world.settings.pachd_address,
        "S3_ENDPOINT": world.settings.s3_endpoint,
    }


def write_keys(folder):
    """A pair of keys: signing.key and cosign.pub."""
    key, pem = Ed25519PrivateKey.generate(), serialization.Encoding.PEM
    secret = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        pem, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "signing.key").write_bytes(secret)
    (folder / "cosign.pub").write_bytes(public)


async def download(world, folder):
    """The newest model, as `pachctl get file -r` brings it."""
    head = await world.pachyderm.head(OUTPUT)
    for each in await world.pachyderm.files(OUTPUT.repo, head.id):
        path = folder / each.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await world.pachyderm.read(OUTPUT.repo, head.id, each.path))
