"""Overrides that break nothing: the models and the API server take them."""

import pytest

from unit.refused_overrides import TMP, a_pod, mounted

ACCEPTED = [
    pytest.param({"args": ["--verbose", "-v", "--lr=$(LR)"]}, id="flags"),
    pytest.param({"args": ["--datasets=2", "--inputs", "--modes"]}, id="like-ours"),
    pytest.param(
        {"args": ["--resumes", "--evaluate-all", "--dry-runs", "--warm-starts"]},
        id="like-those-of-a-terminal",
    ),
    pytest.param(
        {"args": ["--epoch=3", "--seeds", "--batch-sizes=2", "--batchSize"]},
        id="like-parameters",
    ),
    pytest.param({"args": ["--tensorboard"]}, id="what-a-parameter-says-as-well"),
    pytest.param({"args": ["--", "-", ""]}, id="odd-arguments"),
    pytest.param({"serviceAccountName": "trainer"}, id="a-service-account"),
    pytest.param({"template": {}}, id="an-empty-template"),
    pytest.param({"template": {"metadata": {}, "spec": {}}}, id="empty-parts"),
    pytest.param(
        {
            "template": {
                "metadata": {
                    "labels": {"team": "vision", "app.kubernetes.io/part-of": ""},
                    "annotations": {"sidecar.istio.io/inject": "false, says the team"},
                }
            }
        },
        id="labels",
    ),
    pytest.param(
        a_pod(
            nodeSelector={"nvidia.com/gpu.present": "true"},
            tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}],
            affinity={"nodeAffinity": {}},
            topologySpreadConstraints=[
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                }
            ],
            priorityClassName="low",
            runtimeClassName="nvidia",
            schedulerName="volcano",
        ),
        id="where-it-runs",
    ),
    pytest.param(
        a_pod(
            automountServiceAccountToken=True,
            imagePullSecrets=[{"name": "registry"}],
            securityContext={"fsGroup": 10001},
            terminationGracePeriodSeconds=60,
            dnsPolicy="None",
            dnsConfig={"nameservers": ["10.0.0.10"]},
            hostAliases=[{"ip": "10.0.0.1", "hostnames": ["pachd"]}],
            enableServiceLinks=False,
        ),
        id="how-it-runs",
    ),
    *(
        pytest.param(mounted(path), id=f"a-volume-at-{path}")
        for path in ("/data", f"{TMP}/data", f"{TMP}/data/", "/etc/ssl", "/.cache/..x")
    ),
    pytest.param(
        a_pod(
            volumes=[{"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}}],
            containers=[
                {
                    "name": "tensorflow",
                    "volumeMounts": [{"name": "tmp", "mountPath": "/scratch"}],
                    "volumeDevices": [{"name": "disk", "devicePath": "/dev/xvda"}],
                    "securityContext": {"readOnlyRootFilesystem": True},
                    "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
                    "ports": [{"containerPort": 6006}],
                },
                {
                    "name": "proxy",
                    "image": "proxy:1",
                    "livenessProbe": {"exec": {"command": ["true"]}},
                },
            ],
            initContainers=[
                {
                    "name": "logs",
                    "image": "logs:1",
                    "restartPolicy": "Always",
                    "volumeMounts": [
                        {"name": "tmp", "mountPath": TMP, "readOnly": True}
                    ],
                }
            ],
        ),
        id="containers",
    ),
    pytest.param(
        {
            "job": {
                "labels": {"kueue.x-k8s.io/queue-name": "team"},
                "annotations": {"team": "vision"},
                "schedulingPolicy": {
                    "queue": "team",
                    "minAvailable": 1,
                    "priorityClass": "low",
                    "minResources": {"cpu": 2},
                    "scheduleTimeoutSeconds": 60,
                },
            }
        },
        id="a-queue",
    ),
    pytest.param({"replicas": {}}, id="the-usual-worker"),
    pytest.param({"replicas": {"chief": 1, "worker": 0}}, id="a-chief-alone"),
    pytest.param({"replicas": {"chief": 1, "worker": 63, "ps": 0}}, id="64-pods"),
    pytest.param(
        {
            "replicas": {"chief": 1, "worker": 2},
            "job": {"schedulingPolicy": {"minAvailable": 3}},
        },
        id="a-gang-of-three",
    ),
]
