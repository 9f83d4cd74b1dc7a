"""Overrides that are refused: by the models always, by the API server where CEL can.

Each row is a trainer, the field that the models name, what they say, and what the API
server says first; nothing where its rules cannot see what is wrong.
"""

import pytest

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


def _row(name, trainer, field, told, server=""):
    return pytest.param(trainer, f"spec.trainer.{field}", told, server, id=name)


_POD = "template.spec"
_FLAGS = {
    "the-short-flag": "-i",
    "a-short-flag-and-its-value": "-omaster.elsewhere",
    "the-long-flag": "--inputbucket",
    "a-long-flag-and-its-value": "--outputbucket=master.elsewhere",
    "a-flag-that-argparse-completes": "--inp",
    "a-short-beginning-and-its-value": "--o=master.elsewhere",
    "the-folder": "-d/data",
    "the-data": "--trainingdata=other.npz",
    "the-model": "-mother.h5",
    "the-parameters": "--param={}",
    "a-local-file": "--data=/data/mnist.npz",
    "a-local-folder": "--output",
}
_LABELS = {
    "template.metadata.labels": "labels-of-the-pod",
    "template.metadata.annotations": "annotations-of-the-pod",
    "job.labels": "labels-of-the-tfjob",
    "job.annotations": "annotations-of-the-tfjob",
}


def _at(path, value):
    for part in reversed(path.split(".")):
        value = {part: value}
    return value


REFUSED = [
    *(
        _row(
            name,
            {"args": ["--verbose", flag]},
            "args.1",
            "must not be a flag that the operator sets itself",
            "spec.trainer.args must not set a flag",
        )
        for name, flag in _FLAGS.items()
    ),
    *(
        _row(
            f"a-flag-in-a-variable-{number}",
            {"args": [text]},
            "args.0",
            "must not take its flag from a variable: write --flag=$(NAME)",
            "spec.trainer.args must not take a flag from a variable",
        )
        for number, text in enumerate(("$(ANY)", "-$(ANY)", "--in$(ANY)"))
    ),
    _row("too-many-arguments", {"args": ["x"] * 33}, "args", "at most 32"),
    _row("a-long-argument", {"args": ["x" * 1025]}, "args.0", "at most 1024"),
    _row(
        "an-empty-service-account",
        {"serviceAccountName": ""},
        "serviceAccountName",
        "at least 1 character",
    ),
    *(
        _row(
            f"{name}-with-our-prefix",
            _at(path, {"mnist-operator.dev/run": "mine"}),
            path,
            "must not set mnist-operator.dev/run",
            f"spec.trainer.{path} must not set app.kubernetes.io/managed-by, nor",
        )
        for path, name in _LABELS.items()
    ),
    *(
        _row(
            f"{name}-that-is-no-key",
            _at(path, {"a team": "mine"}),
            path,
            "must have keys such as team or example.com/team, not 'a team'",
            f"spec.trainer.{path} must have keys such as team",
        )
        for path, name in {**_LABELS, f"{_POD}.nodeSelector": "a-selector"}.items()
    ),
    _row(
        "a-key-with-a-long-prefix",
        _at("job.labels", {"x" * 254 + "/name": "mine"}),
        "job.labels",
        "must have keys such as team",
        "spec.trainer.job.labels must have keys",
    ),
    _row(
        "the-label-that-says-who-made-it",
        _at("job.labels", {"app.kubernetes.io/managed-by": "me"}),
        "job.labels",
        "must not set app.kubernetes.io/managed-by",
        "spec.trainer.job.labels must not set app.kubernetes.io/managed-by",
    ),
    _row(
        "a-label-of-the-tfjob-controllers",
        _at("template.metadata.labels", {"training.kubeflow.org/job-name": "other"}),
        "template.metadata.labels",
        "must not set training.kubeflow.org/job-name",
        "spec.trainer.template.metadata.labels must not set",
    ),
    _row(
        "a-label-that-is-a-sentence",
        _at("template.metadata.labels", {"team": "the best"}),
        "template.metadata.labels.team",
        "match pattern",
    ),
    *(
        _row(
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
    _row(
        "a-volume-with-the-name-of-ours",
        a_pod(volumes=[{"name": "tmp", "emptyDir": {}}]),
        f"{_POD}.volumes.0.name",
        "must not be the name of a volume that the operator adds itself",
        "spec.trainer.template.spec.volumes must not be called pachyderm-ca or tmp",
    ),
    _row(
        "two-volumes-of-one-name",
        a_pod(volumes=[{"name": "data", "emptyDir": {}}] * 2),
        _POD,
        "must name each of its containers and volumes once: data is there twice",
        "spec.trainer.template.spec.volumes must each have a name of their own",
    ),
    _row(
        "two-containers-of-one-name",
        a_pod(containers=[_SIDE, _SIDE]),
        _POD,
        "must name each of its containers and volumes once: proxy is there twice",
        "spec.trainer.template.spec.containers must each have a name of their own",
    ),
    _row(
        "a-container-named-as-an-init-container",
        a_pod(containers=[_SIDE], initContainers=[_SIDE]),
        _POD,
        "proxy is there twice",
        "spec.trainer.template.spec.containers must each have a name of their own",
    ),
    _row(
        "two-init-containers-of-one-name",
        a_pod(initContainers=[_SIDE, _SIDE]),
        _POD,
        "proxy is there twice",
        "spec.trainer.template.spec.initContainers must each have a name",
    ),
    _row(
        "an-init-container-that-is-called-as-ours",
        a_pod(initContainers=[{**_SIDE, "name": "tensorflow"}]),
        f"{_POD}.initContainers.0",
        "must be left out of the container tensorflow",
        "spec.trainer.template.spec.initContainers must not be called tensorflow",
    ),
    _row(
        "a-bare-init-container-that-is-called-as-ours",
        a_pod(initContainers=[{"name": "tensorflow"}]),
        f"{_POD}.initContainers",
        "must not be called tensorflow, as the container that trains is",
        "spec.trainer.template.spec.initContainers must not be called tensorflow",
    ),
    *(
        _row(
            f"a-nameless-image-in-{group}",
            a_pod(**{group: [{"name": "proxy"}]}),
            f"{_POD}.{group}.0",
            "must have an image",
            f"spec.trainer.template.spec.{group} must have an image",
        )
        for group in ("containers", "initContainers")
    ),
    _row(
        "a-container-without-a-name",
        a_pod(containers=[{"image": "proxy:1"}]),
        f"{_POD}.containers.0.name",
        "Field required",
    ),
    *(
        _row(
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
        _row(
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
        _row(
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
        _row(
            f"a-mount-in-{group}-without-its-volume",
            a_pod(**{group: [{**_SIDE, "volumeMounts": [mount]}]}),
            _POD,
            "must have a volume for each mount: add data to spec.trainer.template",
            f"spec.trainer.template.spec.{group} must mount volumes that are there",
        )
        for group in ("containers", "initContainers")
        for mount in ({"name": "data", "mountPath": "/data"},)
    ),
    _row(
        "a-template-too-big-for-a-record",
        a_pod(containers=[_BIG]),
        "template",
        "must have at most 65536 bytes as JSON",
    ),
    _row(
        "a-gang-of-two",
        {"job": {"schedulingPolicy": {"minAvailable": 2}}},
        "job.schedulingPolicy.minAvailable",
        "less than or equal to 1",
    ),
    _row(
        "a-tfjob-that-is-suspended",
        {"job": {"suspend": True}},
        "job.suspend",
        "Extra inputs are not permitted",
    ),
]
