"""Whether anybody keeps a status up to date: what `mnistctl get` says where not."""

import pytest

from mnist_operator.cli.get.heartbeats import tell_silence
from mnist_operator.status import timestamp
from unit.builders import NOW, ago


def deployment(available=0, since=300, status="False", namespace="ops", **more):
    """An operator's; `since`: so many seconds ago that changed."""
    changed = timestamp(ago(since))
    condition = {"type": "Available", "status": status, "lastTransitionTime": changed}
    told = {"availableReplicas": available} if available else {}
    return {
        "metadata": {"namespace": namespace, "name": "mnist-operator", **more},
        "status": told | {"conditions": [condition]},
    }


def training(generation=2, seen=1, changed=300, **meta):
    """One whose spec was changed so many seconds ago, and its status just now."""
    written = {"manager": "kubectl", "time": timestamp(ago(changed))}
    status = {"manager": "python", "subresource": "status", "time": timestamp(NOW)}
    return {
        "metadata": {
            "namespace": "team",
            "name": "mnist",
            "generation": generation,
            "managedFields": [written, status],
            **meta,
        },
        "status": {"observedGeneration": seen},
    }


@pytest.mark.parametrize(
    ("deployments", "said"),
    [
        pytest.param([], "", id="nobody-may-look"),
        pytest.param([deployment(1, status="True")], "", id="it-works"),
        pytest.param([deployment(since=50)], "", id="it-is-being-replaced"),
        pytest.param(
            [deployment()],
            "no pod of operator ops/mnist-operator has been at work since"
            " 2026-01-01T11:55:00Z: what is shown may be as old, and nothing new is"
            " trained; kubectl -n ops describe pods -l"
            " app.kubernetes.io/name=mnist-operator",
            id="its-pod-is-gone",
        ),
        pytest.param(
            [deployment(1, status="True"), deployment(namespace="b")],
            "no pod of operator b/mnist-operator has been at work since",
            id="one-of-two",
        ),
        pytest.param(
            [deployment(namespace="a"), deployment(namespace="b")],
            "since 2026-01-01T11:55:00Z, and 1 more: what",
            id="both",
        ),
        pytest.param(
            [deployment(status="Unknown", creationTimestamp=timestamp(ago(7200)))],
            "since 2026-01-01T10:00:00Z",
            id="it-never-worked",
        ),
        pytest.param(
            [{"metadata": {"name": 7}, "status": "odd"}], "", id="what-is-no-deployment"
        ),
    ],
)
def test_an_operator_whose_deployment_has_no_pod_at_work_is_told(deployments, said):
    told = tell_silence([], deployments, now=NOW)

    assert said in told
    assert bool(said) == bool(told)


@pytest.mark.parametrize(
    ("bodies", "said"),
    [
        pytest.param([training(seen=2)], "", id="looked-at"),
        pytest.param([training(changed=50)], "", id="changed-just-now"),
        pytest.param(
            [training()],
            "no operator has looked at the spec of team/mnist yet: is it running?"
            " (kubectl -n mnist-operator get pods)",
            id="not-looked-at",
        ),
        pytest.param(
            [training(seen=2), training(), training(name="b")],
            "the spec of team/mnist and 1 more yet",
            id="several",
        ),
        pytest.param(
            [{"metadata": {"name": "a", "creationTimestamp": timestamp(ago(61))}}],
            "the spec of /a yet",
            id="no-status-at-all",
        ),
        pytest.param([{"metadata": {"name": "a"}}], "", id="nobody-knows-since-when"),
    ],
)
def test_a_spec_that_nobody_has_looked_at_is_told_without_any_right(bodies, said):
    told = tell_silence(bodies, [], now=NOW)

    assert said in told
    assert bool(said) == bool(told)


def test_where_the_deployment_says_why_that_is_enough():
    told = tell_silence([training()], [deployment()], now=NOW)

    assert told.startswith("no pod of operator")
