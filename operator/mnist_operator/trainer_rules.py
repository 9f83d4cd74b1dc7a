"""The trainer's rules in CEL: what the models refuse, the API server refuses first.

Whoever applies a training is told at once; the models say it again, for a training
that came in before a rule did. The size of a template is for the models alone.
"""

from collections.abc import Mapping
from typing import TypeAlias

from mnist_operator.labels import LEGAL_KEY, LEGAL_PREFIX, OWN_LABEL, OWN_PREFIXES
from mnist_operator.pod_template import (
    CONTAINER,
    HIDING_MOUNT,
    LEGAL_MOUNT,
    OWN_FIELDS,
    OWN_VOLUMES,
    REMEDIES,
)
from mnist_operator.replicas import NO_PODS, NO_SERVERS
from mnist_operator.shapes import CONTAINER_FIELDS
from mnist_operator.trainer_spec import (
    FLAG,
    HIDDEN_FLAG,
    OTHER_FLAG,
    RESERVED_ENV,
)

__all__ = ["TRAINER_RULES", "Rules"]

Rules: TypeAlias = list[dict[str, str]]

_POD = "spec.trainer.template.spec"
_IS_OURS = f"self.name == '{CONTAINER}'"
_IS_OTHER = f"self.name != '{CONTAINER}'"
_OTHER_FIELDS = " || ".join(
    f"has(self.{field})" for field in sorted(set(CONTAINER_FIELDS) - set(OWN_FIELDS))
)
"""What the container that trains has, and is no user's to say."""


def _keys(field: str) -> dict[str, str]:
    return {
        "rule": f"self.all(key, key.matches('{LEGAL_PREFIX}')"
        f" && key.matches('{LEGAL_KEY}'))",
        "message": f"{field} must have keys such as team or example.com/team",
    }


def _own_keys(field: str) -> dict[str, str]:
    prefixes = " || ".join(f"key.startsWith('{one}')" for one in OWN_PREFIXES)
    return {
        "rule": f"self.all(key, !({prefixes} || key == '{OWN_LABEL}'))",
        "message": f"{field} must not set {OWN_LABEL}, nor keys below"
        f" {' or '.join(OWN_PREFIXES)}, which the operator sets: take another prefix",
    }


def _labels(field: str) -> Rules:
    return [_keys(field), _own_keys(field)]


def _unlike(field: str, names: str) -> dict[str, str]:
    """Every item of a list has a name of its own."""
    return {
        "rule": f"!has(self.{field}) || self.{field}.all(one,"
        f" self.{field}.exists_one(other, other.name == one.name){names})",
        "message": f"{_POD}.{field} must each have a name of their own",
    }


def _mounts(field: str) -> dict[str, str]:
    own = ", ".join(f"'{name}'" for name in OWN_VOLUMES)
    return {
        "rule": f"!has(self.{field}) || self.{field}.all(one,"
        " !has(one.volumeMounts) || one.volumeMounts.all(mount,"
        f" mount.name in [{own}] || (has(self.volumes) &&"
        " self.volumes.exists(volume, volume.name == mount.name))))",
        "message": f"{_POD}.{field} must mount volumes that are there: add them to"
        f" {_POD}.volumes",
    }


def _image(field: str) -> dict[str, str]:
    return {
        "rule": f"{_IS_OURS} || has(self.image)",
        "message": f"{_POD}.{field} must have an image, all but {CONTAINER}",
    }


_GANG = "self.job.schedulingPolicy.minAvailable"
_PODS = "has(self.replicas) ? self.replicas.chief + self.replicas.worker : 1"

TRAINER_RULES: Mapping[str, Rules] = {
    "spec.trainer": [
        {
            "rule": "!has(self.job) || !has(self.job.schedulingPolicy)"
            f" || !has({_GANG}) || {_GANG} <= ({_PODS})",
            "message": "spec.trainer.job.schedulingPolicy.minAvailable must be at most"
            " the number of pods in spec.trainer.replicas, chief and worker together",
        }
    ],
    "spec.trainer.replicas": [
        {
            "rule": "!has(self.ps) || self.ps == 0",
            "message": f"spec.trainer.replicas.ps {NO_SERVERS}",
        },
        {
            "rule": "self.chief + self.worker > 0",
            "message": f"spec.trainer.replicas {NO_PODS}",
        },
    ],
    "spec.trainer.parameters.outputs": [
        {
            "rule": "self.all(one, self.exists_one(other, other == one))",
            "message": "spec.trainer.parameters.outputs must name each output once",
        }
    ],
    "spec.trainer.args.[]": [
        {
            "rule": f"!self.matches('{FLAG}')",
            "message": "spec.trainer.args must not set a flag that the operator sets"
            " itself: say it in spec.input, spec.output, spec.trainer.parameters or"
            " spec.trainer.warmStart, or in variable DATA_DIR",
        },
        {
            "rule": f"!self.matches('{OTHER_FLAG}')",
            "message": "spec.trainer.args must not set a flag of the trainer at a"
            " terminal: --dry-run, --evaluate and --resume make no model here",
        },
        {
            "rule": f"!self.matches('{HIDDEN_FLAG}')",
            "message": "spec.trainer.args must not take a flag from a variable: write"
            " --flag=$(NAME)",
        },
    ],
    "spec.trainer.env.[]": [
        {
            "rule": f"!(self.name in {sorted(RESERVED_ENV)!r})",
            "message": "spec.trainer.env must not set a variable that the operator"
            " sets itself: " + ", ".join(sorted(RESERVED_ENV)),
        },
        {
            "rule": "!(has(self.value) && has(self.valueFrom))",
            "message": "spec.trainer.env must give value or valueFrom, not both",
        },
    ],
    "spec.trainer.env.[].valueFrom": [
        {
            "rule": "has(self.secretKeyRef) != has(self.configMapKeyRef)",
            "message": "valueFrom must name one of secretKeyRef and configMapKeyRef",
        }
    ],
    "spec.trainer.template.metadata.labels": _labels(
        "spec.trainer.template.metadata.labels"
    ),
    "spec.trainer.template.metadata.annotations": _labels(
        "spec.trainer.template.metadata.annotations"
    ),
    "spec.trainer.job.labels": _labels("spec.trainer.job.labels"),
    "spec.trainer.job.annotations": _labels("spec.trainer.job.annotations"),
    f"{_POD}.nodeSelector": [_keys(f"{_POD}.nodeSelector")],
    _POD: [
        _unlike("volumes", ""),
        _unlike("initContainers", ""),
        _unlike(
            "containers",
            " && (!has(self.initContainers) ||"
            " self.initContainers.all(other, other.name != one.name))",
        ),
        _mounts("initContainers"),
        _mounts("containers"),
    ],
    f"{_POD}.volumes.[]": [
        {
            "rule": f"!(self.name in {sorted(OWN_VOLUMES)!r})",
            "message": f"{_POD}.volumes must not be called {' or '.join(OWN_VOLUMES)},"
            " as those that the operator adds itself",
        }
    ],
    f"{_POD}.initContainers.[]": [
        {
            "rule": _IS_OTHER,
            "message": f"{_POD}.initContainers must not be called {CONTAINER}, as the"
            " container that trains is",
        },
        _image("initContainers"),
    ],
    f"{_POD}.containers.[]": [
        _image("containers"),
        *(
            {
                "rule": f"{_IS_OTHER} || !has(self.{field})",
                "message": f"{_POD}.containers must leave {field} out of {CONTAINER}:"
                f" {remedy}",
            }
            for field, remedy in REMEDIES.items()
        ),
        {
            "rule": f"{_IS_OTHER} || !({_OTHER_FIELDS})",
            "message": f"{_POD}.containers must add no more than"
            f" {', '.join(OWN_FIELDS)} to {CONTAINER}",
        },
        {
            "rule": f"{_IS_OTHER} || !has(self.volumeMounts) ||"
            " self.volumeMounts.all(mount,"
            f" mount.mountPath.matches('{LEGAL_MOUNT}') &&"
            f" !mount.mountPath.matches('{HIDING_MOUNT}'))",
            "message": f"{_POD}.containers must not mount a volume in {CONTAINER} that"
            " would hide the operator's own: take a path such as /data",
        },
    ],
}
