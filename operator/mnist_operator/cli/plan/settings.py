"""Whom a user means, and what the operator's own settings are, as far as it matters.

A user says where pachd is as seen from there. What the operator was told, no user is:
it is read off the operator's work.
"""

from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.clusters import Cluster
from mnist_operator.cli.statements import dig
from mnist_operator.errors import DeniedError
from mnist_operator.pachyderm import Connection
from mnist_operator.resource import MnistTraining
from mnist_operator.settings import Settings
from mnist_operator.tfjob import CONTAINER, TRAINING_LABEL

__all__ = ["Own", "find_settings"]


@dataclass(frozen=True, slots=True)
class Own:
    """What the user said on the command line."""

    connection: Connection
    named: bool
    """Whether the address was named, rather than the default."""
    trainer_image: str | None = None
    s3_endpoint: str | None = None

    def is_used(self, training: MnistTraining) -> bool:
        """Whether pachd is asked at the user's address, not at the MnistTraining's."""
        return self.named or not training.spec.pachyderm.address

    def way_to(self, training: MnistTraining) -> tuple[str, bool]:
        """The address, and whether there is a token for it."""
        place = training.spec.pachyderm
        signed_in = place.secret_ref is not None
        if not self.is_used(training):
            return place.address, signed_in
        return self.connection.address, signed_in or self.connection.token is not None


async def find_settings(
    cluster: Cluster, training: MnistTraining, own: Own
) -> tuple[Settings, list[str]]:
    """The operator's settings, as far as they matter: said, or read off its work."""
    selector = f"{TRAINING_LABEL}={training.name}"
    jobs = await cluster.kube.list_jobs(training.namespace, selector)
    newest = max(jobs, key=_created, default={})
    seen = _read_settings(newest)
    asked = {"trainer_image": own.trainer_image, "s3_endpoint": own.s3_endpoint}
    known: dict[str, Any] = seen | {key: said for key, said in asked.items() if said}
    spec = training.spec
    needed = {
        "trainer_image": ("TRAINER_IMAGE", "--trainer-image", spec.trainer.image),
        "s3_endpoint": ("S3_ENDPOINT", "--s3-endpoint", spec.pachyderm.s3_endpoint),
    }
    # Made without the environment, which is a user's and not the operator's.
    settings = Settings.model_construct(
        pachd_address=own.connection.address,
        namespaces=await _visible(cluster, training.namespace),
        **known,
    )
    notes = [
        f"The operator's setting {name} is not known here, as no TFJob shows it:"
        f" taken to be {getattr(settings, key)}; {option} names another."
        for key, (name, option, said) in needed.items()
        if not said and key not in known
    ]
    return settings, notes


def _created(job: dict[str, Any]) -> str:
    return str(dig(job, "metadata", "creationTimestamp"))


def _read_settings(job: dict[str, Any]) -> dict[str, str]:
    """Image and S3 gateway of the operator's own TFJob; empty without one."""
    for replica in (dig(job, "spec", "tfReplicaSpecs") or {}).values():
        for container in dig(replica, "template", "spec", "containers") or ():
            if container.get("name") == CONTAINER:
                found = container.get("env") or ()
                env = {each["name"]: each.get("value") or "" for each in found}
                scheme = "https" if env.get("S3_USE_HTTPS") == "1" else "http"
                return {
                    "trainer_image": container["image"],
                    "s3_endpoint": f"{scheme}://{env.get('S3_ENDPOINT')}",
                }
    return {}


async def _visible(cluster: Cluster, namespace: str) -> str:
    """Where other MnistTrainings can be seen: everywhere, or in this one alone."""
    try:
        await cluster.kube.list_trainings()
    except DeniedError:
        return namespace
    return ""
