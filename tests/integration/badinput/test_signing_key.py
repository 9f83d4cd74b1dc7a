"""The key that signs records is gone meanwhile: no model is published unsigned."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from integration.operators import InProcess
from integration.pushes import OUTPUT
from integration.world import World
from mnist_operator.evidence import BUNDLE_FILE
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.signing import check_bundle


class SigningWorld(World):
    """An operator that was told where its key is."""

    key_file = None

    @property
    def settings(self):
        return super().settings.model_copy(update={"signing_key_file": self.key_file})


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with SigningWorld(tmp_path / "world") as world:
        world.key_file = tmp_path / "key.pem"
        await world.create_repo()
        yield world


async def test_a_model_waits_until_the_operator_can_sign_it(world):
    """As a Secret that somebody deleted, and put there again."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    await world.apply()
    async with InProcess(world):
        commit = await world.push(digits=1)
        stalled = await world.reason("SigningKeyUnusable")
        unsigned = await world.trained()
        world.key_file.write_bytes(pem)
        model = await world.model_of(commit)
        await world.reason("UpToDate")
        contents = [
            await world.pachyderm.read(OUTPUT.repo, model.commit, path)
            for path in (LINEAGE_FILE, BUNDLE_FILE)
        ]

    record, bundle = contents
    assert (
        f"MNIST_OPERATOR_SIGNING_KEY_FILE: {world.key_file} cannot be read"
        in (stalled["message"])
    )
    assert pem.decode().splitlines()[1] not in stalled["message"]
    assert [] == unsigned
    assert "" == check_bundle(bundle, record, public)
    assert [commit] == await world.trained()
