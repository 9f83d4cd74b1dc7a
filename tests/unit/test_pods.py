"""The pod that is built: what the operator promises holds, whatever a user adds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import runs
from mnist_operator.job_request import Endpoint, JobRequest
from mnist_operator.pods import build_template
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL, build_tfjob
from unit.accepted_overrides import ACCEPTED
from unit.builders import IMAGE, attempt, examples, ident, training
from unit.refused_overrides import TMP, a_pod

_LABELS = {"mnist-operator.dev/run": "r"}
_ENDPOINT = Endpoint("s3.example.com", https=True, secret="pachyderm", has_ca=True)


def a_request(trainer=None, **fields):
    of = training(trainer=trainer or {})
    wanted = {
        "name": "mnist-a",
        "namespace": of.namespace,
        "training": of.name,
        "uid": of.uid,
        "commit": ident(1),
        "staging": attempt().staging,
        "slot": "team_mnist_0",
        "attempt": 1,
        "spec": runs.run_spec(of, default_image=IMAGE),
        "run_repo": of.spec.run_repo,
        "endpoint": _ENDPOINT,
    }
    return JobRequest(**(wanted | fields))


def a_template(trainer=None):
    return build_template(a_request(trainer), _LABELS)


def a_spec(**pod):
    return a_template(a_pod(**pod))["spec"]


def ours(pod):
    [one] = [each for each in pod["containers"] if each["name"] == "tensorflow"]
    return one


_PLAIN = a_spec()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("affinity", {"nodeAffinity": {}}),
        ("dnsConfig", {"nameservers": ["10.0.0.10"]}),
        ("dnsPolicy", "None"),
        ("enableServiceLinks", False),
        ("hostAliases", [{"ip": "10.0.0.1"}]),
        ("imagePullSecrets", [{"name": "registry"}]),
        ("initContainers", [{"name": "fetch", "image": "fetch:1"}]),
        ("nodeSelector", {"gpu": "true"}),
        ("priorityClassName", "low"),
        ("runtimeClassName", "nvidia"),
        ("schedulerName", "volcano"),
        ("terminationGracePeriodSeconds", 60),
        ("tolerations", [{"key": "gpu", "operator": "Exists"}]),
        ("topologySpreadConstraints", [{"maxSkew": 1}]),
        ("automountServiceAccountToken", True),
    ],
)
def test_what_the_operator_has_nothing_to_say_of_is_passed_on(field, value):
    assert {**_PLAIN, field: value} == a_spec(**{field: value})


def test_volumes_are_the_operators_followed_by_the_users():
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "images"}}

    assert [*_PLAIN["volumes"], volume] == a_spec(volumes=[volume])["volumes"]
    assert ["tmp", "pachyderm-ca"] == [each["name"] for each in _PLAIN["volumes"]]


def test_containers_are_the_trainer_followed_by_the_users():
    proxy = {"name": "proxy", "image": "proxy:1", "env": [{"name": "A", "value": "1"}]}

    assert [ours(_PLAIN), proxy] == a_spec(containers=[proxy])["containers"]


def test_an_item_of_its_name_adds_to_the_trainer_wherever_it_stands():
    proxy = {"name": "proxy", "image": "proxy:1"}
    mount = {"name": "tmp", "mountPath": f"{TMP}/data", "subPath": "data"}
    port = {"containerPort": 6006}
    added = {"name": "tensorflow", "volumeMounts": [mount], "ports": [port]}

    pod = a_spec(containers=[proxy, added])

    plain = ours(_PLAIN)
    mounts = [*plain["volumeMounts"], mount]
    assert [{**plain, "volumeMounts": mounts, "ports": [port]}, proxy] == (
        pod["containers"]
    )


def test_security_contexts_are_the_users_key_by_key():
    own = {
        "name": "tensorflow",
        "securityContext": {"runAsUser": 0, "privileged": True},
    }

    pod = a_spec(securityContext={"runAsNonRoot": False}, containers=[own])

    assert {**_PLAIN["securityContext"], "runAsNonRoot": False} == (
        pod["securityContext"]
    )
    expected = ours(_PLAIN)["securityContext"] | {"runAsUser": 0, "privileged": True}
    assert expected == ours(pod)["securityContext"]


def test_the_pod_meets_the_restricted_standard_as_it_is():
    context = ours(_PLAIN)["securityContext"]

    assert _PLAIN["securityContext"]["runAsNonRoot"] is True
    assert {"type": "RuntimeDefault"} == _PLAIN["securityContext"]["seccompProfile"]
    assert {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}} == (
        context
    )
    assert {"emptyDir", "secret"} == {
        kind for volume in _PLAIN["volumes"] for kind in set(volume) - {"name"}
    }


def test_labels_and_annotations_are_added():
    about = {"labels": {"team": "vision"}, "annotations": {"note": "a, b"}}

    built = a_template({"template": {"metadata": about}})

    assert {"team": "vision", **_LABELS} == built["metadata"]["labels"]
    assert {"note": "a, b"} == built["metadata"]["annotations"]
    assert {"labels": _LABELS} == a_template()["metadata"]


def test_arguments_follow_those_of_the_image():
    assert ["--verbose"] == ours(a_template({"args": ["--verbose"]})["spec"])["args"]
    assert "args" not in ours(_PLAIN)


def test_the_pod_acts_as_whom_the_spec_names():
    pod = a_template({"serviceAccountName": "trainer"})["spec"]

    assert "trainer" == pod["serviceAccountName"]
    assert "serviceAccountName" not in _PLAIN


# --- what no template can change ------------------------------------------------------


def is_intact(request):
    """Whether the TFJob trains what it should, beside what a template added."""
    plain = build_tfjob(a_request())["spec"]["tfReplicaSpecs"]["Worker"]
    built = build_tfjob(request)
    asked = request.spec["trainer"].get("replicas", {"worker": 1})
    for role, worker in built["spec"]["tfReplicaSpecs"].items():
        assert ("Never", asked[role.lower()]) == (
            worker["restartPolicy"],
            worker["replicas"],
        )
        is_intact_pod(built, worker, plain)


def is_intact_pod(built, worker, plain):
    pod, before = worker["template"]["spec"], plain["template"]["spec"]
    fixed = ("name", "image", "imagePullPolicy", "env", "resources")
    for field in (*fixed, "terminationMessagePolicy"):
        assert ours(before)[field] == ours(pod)[field]
    mounts = ours(before)["volumeMounts"]
    assert mounts == ours(pod)["volumeMounts"][: len(mounts)]
    assert before["volumes"] == pod["volumes"][: len(before["volumes"])]
    assert not {"command", "envFrom", "workingDir"} & set(ours(pod))
    assert not {"restartPolicy", "activeDeadlineSeconds", "hostNetwork"} & set(pod)
    assert {"cleanPodPolicy": "Running"} == built["spec"]["runPolicy"]
    labels = plain["template"]["metadata"]["labels"]
    assert labels.items() <= worker["template"]["metadata"]["labels"].items()
    assert labels.items() <= built["metadata"]["labels"].items()
    assert (ident(1), "mnist") == (
        ours(pod)["env"][0]["value"].partition(".")[0],
        built["metadata"]["labels"][TRAINING_LABEL],
    )


@pytest.mark.parametrize(
    "trainer", [row for row in ACCEPTED if "schedulingPolicy" not in str(row.values)]
)
def test_what_is_accepted_leaves_the_run_intact(trainer):
    job = training(trainer=trainer).spec.trainer.dump_job()

    is_intact(a_request(trainer, job=job))


_HOSTILE = {
    "name": "tensorflow",
    "image": "evil:1",
    "imagePullPolicy": "Never",
    "command": ["sh", "-c", "true"],
    "args": ["--inputbucket=x"],
    "env": [{"name": "INPUT_BUCKET", "value": "x"}],
    "envFrom": [{"secretRef": {"name": "evil"}}],
    "resources": {"limits": {"cpu": "64"}},
    "workingDir": "/evil",
    "terminationMessagePolicy": "File",
}


def test_what_no_check_would_let_through_leaves_the_run_intact_too():
    request = a_request()
    pod = {
        "restartPolicy": "Always",
        "activeDeadlineSeconds": 1,
        "hostNetwork": True,
        "serviceAccountName": "admin",
        "containers": [_HOSTILE],
    }
    labels = {RUN_LABEL: "evil", TRAINING_LABEL: "evil"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {
        **request.spec,
        "trainer": {**request.spec["trainer"], "template": template},
    }

    is_intact(a_request(spec=spec, job={"labels": labels}))


_NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,10}[a-z0-9])?", fullmatch=True)
_ANY = st.dictionaries(_NAMES, st.integers() | st.text(max_size=5), max_size=3)
_TEMPLATES = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries(
            {}, optional={"labels": st.dictionaries(_NAMES, _NAMES, max_size=3)}
        ),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "nodeSelector": st.dictionaries(_NAMES, _NAMES, max_size=3),
                "tolerations": st.lists(_ANY, max_size=3),
                "affinity": _ANY,
                "securityContext": _ANY,
                "automountServiceAccountToken": st.booleans(),
                "volumes": st.lists(
                    st.builds(lambda name: {"name": f"my-{name}"}, _NAMES),
                    max_size=3,
                    unique_by=lambda one: one["name"],
                ),
                "containers": st.lists(
                    st.builds(
                        lambda name, fields: {"image": "i", **fields, "name": name},
                        _NAMES,
                        _ANY,
                    )
                    | st.builds(
                        lambda context: {
                            "name": "tensorflow",
                            "securityContext": context,
                        },
                        _ANY,
                    ),
                    max_size=3,
                    unique_by=lambda one: one["name"],
                ),
            },
        ),
    },
)


@examples
@given(_TEMPLATES)
def test_every_template_leaves_the_run_intact(template):
    is_intact(a_request({"template": template}))
