"""A MnistTraining that cannot work: refused at once, with the field and its value."""

import pytest

from integration.world import TRAININGS
from local_cluster.kube.client import ClientError
from mnist_operator.resource import GROUP, KIND, VERSION

pytestmark = pytest.mark.asyncio(loop_scope="module")


def body(name="mnist", **spec):
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "metadata": {"name": name},
        "spec": spec,
    }


def pod(**spec):
    return body(trainer={"template": {"spec": spec}})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        pytest.param(
            body(epochs=3), ['unknown field "spec.epochs"'], id="unknown-field"
        ),
        pytest.param(
            body(trigger={"mode": "Sometimes"}),
            ["spec.trigger.mode", '"Sometimes"', '"EveryCommit", "LatestOnly"'],
            id="wrong-enum",
        ),
        pytest.param(
            body(attempts={"limit": 21}),
            ["spec.attempts.limit", "21", "less than or equal to 20"],
            id="number-out-of-range",
        ),
        pytest.param(
            body(suspend="yes"),
            ["spec.suspend", "boolean", "string"],
            id="wrong-type",
        ),
        pytest.param(
            body(input={"repo": "team/digits"}),
            ["spec.input.repo", '"team/digits"', "made of letters, digits, _ and -"],
            id="bad-repo-name",
        ),
        pytest.param(
            body(output={"repo": "inputrepo"}),
            ["spec.output.repo", "spec.input.repo"],
            id="models-into-the-input",
        ),
        pytest.param(
            body("9-lives"), ["metadata.name", "start with a letter"], id="bad-name"
        ),
        pytest.param(
            pod(tolerations=[{"key": "gpu", "tolerationSeconds": "soon"}]),
            ["spec.trainer.template.spec.tolerations[0].tolerationSeconds", "integer"],
            id="wrong-type-in-the-pod-template",
        ),
        pytest.param(
            pod(containers=[{"name": "tensorflow", "image": "other:1"}]),
            ["spec.trainer.template.spec.containers[0]", "spec.trainer.image"],
            id="the-trainers-own-container",
        ),
        pytest.param(
            body(trainer={"parameters": {"dropout": "20%"}}),
            ["spec.trainer.parameters.dropout must be a number from 0 to 0.9", '"20%"'],
            id="a-parameter-out-of-its-bounds",
        ),
        pytest.param(
            body(trainer={"args": ["--warm-start=master.outputrepo"]}),
            ["spec.trainer.args must not set a flag", "spec.trainer.warmStart"],
            id="the-operators-own-flag",
        ),
        pytest.param(
            body(trainer={"args": ["--eval=my_model.h5"]}),
            ["spec.trainer.args must not set a flag of the trainer at a terminal"],
            id="a-flag-of-the-terminal",
        ),
        pytest.param(
            body(trainer={"env": [{"name": "INPUT_BUCKET", "value": "master.other"}]}),
            ["spec.trainer.env", "must not set", "INPUT_BUCKET"],
            id="the-operators-own-variable",
        ),
        pytest.param(
            body(trainer={"resources": {"limits": {"memory": "4 GB"}}}),
            ["spec.trainer.resources.limits", "4 GB", "such as 500m, 2 or 4Gi"],
            id="no-quantity",
        ),
    ],
)
async def test_a_spec_that_cannot_work_is_refused_with_its_field(shared, wrong, told):
    """As `kubectl apply` asks: with strict validation."""
    with pytest.raises(ClientError) as caught:
        await shared.kube.call("POST", TRAININGS, wrong, fieldValidation="Strict")

    assert caught.value.code in {400, 422}
    for words in told:
        assert words in str(caught.value)
    assert [] == (await shared.kube.call("GET", TRAININGS))["items"]
