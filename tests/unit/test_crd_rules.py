"""What the API server refuses: the rules in CEL, as the local cluster runs them."""

import pytest

from local_cluster.kube.schemas import Schema
from mnist_operator.crd import NAME_LIMIT, build_crd
from mnist_operator.trainer_spec import RESERVED_ENV
from unit.accepted_overrides import ACCEPTED
from unit.refused_overrides import REFUSED
from unit.wrong_specs import WRONG

_ROOT = build_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
_SERVER = Schema(_ROOT)


def a_training(spec=None, name="mnist"):
    body = {"metadata": {"name": name, "namespace": "team"}}
    if spec is not None:
        body["spec"] = spec
    return body


def admit(spec=None, before=None, name="mnist"):
    """What the API server would complain about."""
    body, old = a_training(spec, name), None if before is None else a_training(before)
    for each in filter(None, (body, old)):
        _SERVER.default(each)
    return [cause.message for cause in _SERVER.validate(body, old)]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(None, id="none-at-all"),
        pytest.param({}, id="the-classic-recipe"),
        pytest.param(
            {"input": {"project": "a"}, "output": {"repo": "inputrepo"}},
            id="repos-of-one-name-in-two-projects",
        ),
        pytest.param(
            {
                "trainer": {
                    "env": [
                        {"name": "A", "value": "1"},
                        {
                            "name": "B",
                            "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}},
                        },
                    ]
                }
            },
            id="variables-of-both-kinds",
        ),
        pytest.param(
            {"trainer": {"resources": {"limits": {"cpu": 2, "memory": "4Gi"}}}},
            id="quantities-as-in-a-pod",
        ),
        pytest.param(
            {"output": {"repo": "m" * 63, "runRepo": "attempts"}},
            id="a-long-repo-with-a-run-repo-of-its-own",
        ),
    ],
)
def test_a_spec_that_works_is_admitted(spec):
    assert [] == admit(spec)


@pytest.mark.parametrize(("body", "field", "told"), WRONG)
def test_a_spec_that_cannot_work_is_refused_with_the_field(body, field, told):
    whole = {"metadata": {"name": "mnist"}, **body}
    kept, dropped = _SERVER.prune(whole)
    _SERVER.default(kept)
    causes = [str(cause) for cause in _SERVER.validate(kept)]
    unknown = [f'unknown field "{path}"' for path in dropped]

    assert any(field in each and told in each for each in (*unknown, *causes))


@pytest.mark.parametrize("trainer", ACCEPTED)
def test_an_override_that_breaks_nothing_is_admitted_and_kept(trainer):
    body = a_training({"trainer": trainer})

    assert [] == admit({"trainer": trainer})
    assert (body, []) == _SERVER.prune(body)


@pytest.mark.parametrize(("trainer", "field", "told", "server"), REFUSED)
def test_an_override_that_breaks_a_run_is_not_admitted(trainer, field, told, server):
    body = a_training({"trainer": trainer})
    _, dropped = _SERVER.prune(body)
    _SERVER.default(body)
    causes = _SERVER.validate(body)

    if server:
        assert any(server in cause.message for cause in causes), causes
    else:
        assert causes or dropped or "bytes" in told


@pytest.mark.parametrize(
    ("pod", "path"),
    [
        pytest.param(
            {"tolerations": [{"kee": "gpu"}]}, "tolerations[0].kee", id="a-toleration"
        ),
        pytest.param({"affinity": {"node": {}}}, "affinity.node", id="an-affinity"),
        pytest.param(
            {"volumes": [{"name": "a", "pvc": {}}]}, "volumes[0].pvc", id="a-volume"
        ),
        pytest.param(
            {"containers": [{"name": "a", "image": "a", "tmp": {"a": {"a": {}}}}]},
            "containers[0].tmp",
            id="what-is-nested-deep",
        ),
    ],
)
def test_what_kubernetes_does_not_know_is_not_kept(pod, path):
    spec = {"trainer": {"template": {"spec": pod}}}

    _, dropped = _SERVER.prune(a_training(spec))

    assert [f"spec.trainer.template.spec.{path}"] == dropped


@pytest.mark.parametrize("name", sorted(RESERVED_ENV))
def test_a_variable_of_the_operators_own_is_refused(name):
    spec = {"trainer": {"env": [{"name": name, "value": "mine"}]}}

    assert any("spec.trainer.env must not set" in each for each in admit(spec))


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ({}, {"input": {"repo": "other"}}, "spec.input"),
        ({"input": {"path": "a"}}, {}, "spec.input"),
        ({}, {"output": {"branch": "other"}}, "spec.output"),
        ({"output": {"repo": "other"}}, {}, "spec.output"),
    ],
    ids=["input-set", "input-unset", "output-set", "output-unset"],
)
def test_input_and_output_cannot_change(before, after, field):
    assert any(f"{field} must not change" in each for each in admit(after, before))


def test_everything_else_can_change():
    after = {"suspend": True, "trainer": {"image": "other"}, "attempts": {"limit": 1}}

    assert [] == admit(after, {})


@pytest.mark.parametrize(
    ("name", "admitted"),
    [
        pytest.param("mnist", True, id="a-word"),
        pytest.param("m", True, id="a-letter"),
        pytest.param("mnist-2", True, id="a-word-and-a-number"),
        pytest.param("x" * NAME_LIMIT, True, id="the-longest"),
        pytest.param("x" * (NAME_LIMIT + 1), False, id="one-character-too-long"),
        pytest.param("2-mnist", False, id="a-digit-first"),
        pytest.param("mnist-", False, id="a-dash-last"),
        pytest.param("mnist.v2", False, id="a-dot"),
    ],
)
def test_only_names_that_tfjobs_can_be_called_after_are_admitted(name, admitted):
    causes = admit({}, name=name)

    assert admitted is (causes == [])
    assert all("metadata.name must start with a letter" in each for each in causes)


def rules(schema, path=""):
    """Every rule at and below this schema, with its path."""
    for rule in schema.get("x-kubernetes-validations", ()):
        yield path, rule
    for name, child in schema.get("properties", {}).items():
        yield from rules(child, f"{path}.{name}")
    if "items" in schema:
        yield from rules(schema["items"], path)


_RULES = list(rules(_ROOT))


@pytest.mark.parametrize(
    ("path", "rule"), _RULES, ids=[f"{path or '.'}: {r['rule']}" for path, r in _RULES]
)
def test_every_rules_message_names_the_field_and_says_what_it_must_be(path, rule):
    message = rule["message"]

    assert (path or "metadata.name").rpartition(".")[2] in message
    assert " must " in message
