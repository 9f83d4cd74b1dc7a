"""What the TFJob controller's admission webhook refuses, in its own words."""

import re
from collections.abc import Iterator

from local_cluster.kube.values import Json, dig, meta
from local_cluster.tfjobs.pods import CONTAINER

__all__ = ["review"]

_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_NAME_LIMIT = 63
_NAME_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters "
    "or '-', start with an alphabetic character, and end with an alphanumeric character"
    " (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_REPLICAS = "spec.tfReplicaSpecs"


def review(job: Json) -> str | None:
    """Return why a TFJob is refused; None when it is let through."""
    faults = list(_faults(job))
    if not faults:
        return None
    told = f"[{', '.join(faults)}]" if len(faults) > 1 else faults[0]
    webhook = "validator.tfjob.training-operator.kubeflow.org"
    return f'admission webhook "{webhook}" denied the request: {told}'


def _faults(job: Json) -> Iterator[str]:
    name = meta(job)["name"]
    for broken, told in (
        (len(name) > _NAME_LIMIT, f"must be no more than {_NAME_LIMIT} characters"),
        (_NAME.fullmatch(name) is None, _NAME_WORDS),
    ):
        if broken:
            yield f'metadata.name: Invalid value: "{name}": should match: {told}'
    replicas: Json = dig(job, "spec", "tfReplicaSpecs") or {}
    if len({"Chief", "Master"} & replicas.keys()) > 1:
        yield f"{_REPLICAS}: Forbidden: must not have more than 1 Chief or Master role"
    for kind, spec in replicas.items():
        where = f"{_REPLICAS}[{kind}].template.spec.containers"
        yield from _faults_of(dig(spec, "template", "spec", "containers") or [], where)


def _faults_of(containers: list[Json], where: str) -> Iterator[str]:
    if not containers:
        yield f"{where}: Required value: must be specified"
    for index, container in enumerate(containers):
        if not container.get("image"):
            yield f"{where}[{index}].image: Required value: must be required"
    if not any(one.get("name") == CONTAINER for one in containers):
        told = f"must have at least one container with name {CONTAINER}"
        yield f"{where}: Required value: {told}"
