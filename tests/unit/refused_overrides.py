"""Overrides that are refused: by the models always, by the API server where CEL can.

Each row is a trainer, the field that the models name, what they say, and what the API
server says first; nothing where its rules cannot see what is wrong.
"""

from unit.refused_arguments import ARGUMENTS, row
from unit.refused_labels import LABELS

_BIG = {"name": "big", "image": "busybox", "args": ["x" * 8192] * 9}
_SIDE = {"name": "proxy", "image": "proxy:1"}
TMP = "/tmp"  # noqa: S108 (where the operator mounts a volume)


def a_pod(**fields):
    return {"template": {"spec": fields}}


def ours(**fields):
    return a_pod(containers=[{"name": "tensorflow", **fields}])


def mounted(path):
    volumes = [{"name": "data", "emptyDir": {}}]
    item = {"name": "tensorflow", "volumeMounts": [{"name": "data", "mountPath": path}]}
    return a_pod(volumes=volumes, containers=[item])


_POD = "template.spec"
REFUSED = [
    *ARGUMENTS,
    row(
        "an-empty-service-account",
        {"serviceAccountName": ""},
        "serviceAccountName",
        "at least 1 character",
    ),
    *LABELS,
    *(
        row(
            f"a-pod-with-{field}",
            a_pod(**{field: value}),
            f"{_POD}.{field}",
            "Extra inputs are not permitted",
        )
        for field, value in {
            "restartPolicy": "Always",
            "activeDeadlineSeconds": 5,
            "hostNetwork": True,
            "serviceAccountName": "admin",
            "ephemeralContainers": [],
        }.items()
    ),
    row(
        "a-volume-with-the-name-of-ours",
        a_pod(volumes=[{"name": "tmp", "emptyDir": {}}]),
        f"{_POD}.volumes.0.name",
        "must not be the name of a volume that the operator adds itself",
        "spec.trainer.template.spec.volumes must not be called pachyderm-ca or tmp",
    ),
    row(
        "two-volumes-of-one-name",
        a_pod(volumes=[{"name": "data", "emptyDir": {}}] * 2),
        _POD,
        "must name each of its containers and volumes once: data is there twice",
        "spec.trainer.template.spec.volumes must each have a name of their own",
    ),
    row(
        "two-containers-of-one-name",
        a_pod(containers=[_SIDE, _SIDE]),
        _POD,
        "must name each of its containers and volumes once: proxy is there twice",
        "spec.trainer.template.spec.containers must each have a name of their own",
    ),
    row(
        "a-container-named-as-an-init-container",
        a_pod(containers=[_SIDE], initContainers=[_SIDE]),
        _POD,
        "proxy is there twice",
        "spec.trainer.template.spec.containers must each have a name of their own",
    ),
    row(
        "two-init-containers-of-one-name",
        a_pod(initContainers=[_SIDE, _SIDE]),
        _POD,
        "proxy is there twice",
        "spec.trainer.template.spec.initContainers must each have a name",
    ),
    row(
        "an-init-container-that-is-called-as-ours",
        a_pod(initContainers=[{**_SIDE, "name": "tensorflow"}]),
        f"{_POD}.initContainers.0",
        "must be left out of the container tensorflow",
        "spec.trainer.template.spec.initContainers must not be called tensorflow",
    ),
    row(
        "a-bare-init-container-that-is-called-as-ours",
        a_pod(initContainers=[{"name": "tensorflow"}]),
        f"{_POD}.initContainers",
        "must not be called tensorflow, as the container that trains is",
        "spec.trainer.template.spec.initContainers must not be called tensorflow",
    ),
    *(
        row(
            f"a-nameless-image-in-{group}",
            a_pod(**{group: [{"name": "proxy"}]}),
            f"{_POD}.{group}.0",
            "must have an image",
            f"spec.trainer.template.spec.{group} must have an image",
        )
        for group in ("containers", "initContainers")
    ),
    row(
        "a-container-without-a-name",
        a_pod(containers=[{"image": "proxy:1"}]),
        f"{_POD}.containers.0.name",
        "Field required",
    ),
    *(
        row(
            f"{field}-of-the-trainer",
            ours(**{field: value}),
            f"{_POD}.containers.0.{field}",
            f"must be left out of the container tensorflow: {remedy}",
            f"spec.trainer.template.spec.containers must leave {field} out",
        )
        for field, value, remedy in (
            ("image", "mine:1", "name it in spec.trainer.image"),
            ("command", ["sh"], "spec.trainer.image brings the program"),
            ("args", ["-i", "x"], "add to the image's own in spec.trainer.args"),
            ("env", [{"name": "INPUT_BUCKET"}], "set it in spec.trainer.env"),
            ("envFrom", [{"prefix": "I"}], "take each variable into spec.trainer.env"),
            ("resources", {"limits": {}}, "set them in spec.trainer.resources"),
        )
    ),
    *(
        row(
            f"{field}-of-the-trainer",
            ours(**{field: value}),
            f"{_POD}.containers.0",
            f"must add no more than lifecycle, ports, securityContext, volumeDevices,"
            f" volumeMounts to the container tensorflow, and not {field}",
        )
        for field, value in {
            "workingDir": "/",
            "livenessProbe": {},
            "imagePullPolicy": "Never",
            "env_from": [],
        }.items()
    ),
    *(
        row(
            f"a-volume-at-{path}",
            mounted(path),
            f"{_POD}.containers.0",
            f"must not mount a volume at {path}",
            "spec.trainer.template.spec.containers must not mount a volume",
        )
        for path in (
            TMP,
            f"{TMP}/",
            f"{TMP}/../tmp",
            f"/{TMP}",
            f"/.{TMP}",
            "tmp",
            "/",
            "/etc",
            "/etc/mnist-operator",
            "/etc/mnist-operator/pachyderm/ca.crt",
            "/data/../etc/mnist-operator",
        )
    ),
    *(
        row(
            f"a-mount-in-{group}-without-its-volume",
            a_pod(**{group: [{**_SIDE, "volumeMounts": [mount]}]}),
            _POD,
            "must have a volume for each mount: add data to spec.trainer.template",
            f"spec.trainer.template.spec.{group} must mount volumes that are there",
        )
        for group in ("containers", "initContainers")
        for mount in ({"name": "data", "mountPath": "/data"},)
    ),
    row(
        "a-template-too-big-for-a-record",
        a_pod(containers=[_BIG]),
        "template",
        "must have at most 65536 bytes as JSON",
    ),
    row(
        "a-gang-of-two",
        {"job": {"schedulingPolicy": {"minAvailable": 2}}},
        "job",
        "schedulingPolicy.minAvailable must be at most 1, the pods of spec.trainer.rep",
        "spec.trainer.job.schedulingPolicy.minAvailable must be at most the number of",
    ),
    row(
        "a-gang-of-more-than-there-are",
        {
            "replicas": {"chief": 1, "worker": 2},
            "job": {"schedulingPolicy": {"minAvailable": 4}},
        },
        "job",
        "schedulingPolicy.minAvailable must be at most 3",
        "spec.trainer.job.schedulingPolicy.minAvailable must be at most the number of",
    ),
    row(
        "parameter-servers",
        {"replicas": {"ps": 1, "worker": 2}},
        "replicas",
        "ps must be 0, so raise worker instead: this trainer adds up the gradients of",
        "spec.trainer.replicas.ps must be 0, so raise worker instead: this trainer",
    ),
    row(
        "no-pods",
        {"replicas": {"worker": 0}},
        "replicas",
        "must have at least one pod: chief or worker must not be 0",
        "spec.trainer.replicas must have at least one pod: chief or worker must not be",
    ),
    row(
        "two-chiefs",
        {"replicas": {"chief": 2}},
        "replicas.chief",
        "less than or equal to 1",
        "spec.trainer.replicas.chief in body should be less than or equal to 1",
    ),
    row(
        "more-workers-than-names",
        {"replicas": {"worker": 64}},
        "replicas.worker",
        "less than or equal to 63",
    ),
    row(
        "an-evaluator",
        {"replicas": {"evaluator": 1}},
        "replicas.evaluator",
        "Extra inputs are not permitted",
    ),
    row(
        "a-tfjob-that-is-suspended",
        {"job": {"suspend": True}},
        "job.suspend",
        "Extra inputs are not permitted",
    ),
]
