"""Trainers that cannot run, and what the API server says; see `wrong_specs`."""

from unit.wrong_parameters import PARAMETERS
from unit.wrong_rows import OBJECT, WHOLE, WORD, at, row, unknown

__all__ = ["TRAINERS"]

_KEY = {"name": "wandb", "key": "token"}
_QUANTITY = "must be a quantity such as 500m, 2 or 4Gi"


def _variable(name, told, /, **fields):
    field = "spec.trainer.env"
    return row(name, field, told, trainer={"env": [{"name": "A"} | fields]})


TRAINERS = [
    at("an-image-that-is-a-number", "spec.trainer.image", 2, f'{WORD}: "integer"'),
    at(
        "a-pull-policy-that-is-none",
        "spec.trainer.imagePullPolicy",
        "Sometimes",
        'supported values: "Always", "IfNotPresent", "Never"',
    ),
    *PARAMETERS,
    unknown("parameters-in-short", "spec.trainer.params"),
    at("arguments-in-one-word", "spec.trainer.args", "--augment", "of type array"),
    unknown("variables-as-a-map", "spec.trainer.env.A"),
    _variable("a-variable-without-quotes", f'{WORD}: "integer"', value=1),
    _variable("a-variable-with-a-dash", "no digit first", name="MY-VAR", value="1"),
    _variable(
        "a-variable-of-the-operators-own",
        "must not set a variable that the operator sets itself: ",
        name="INPUT_BUCKET",
        value="master.other",
    ),
    _variable(
        "a-variable-with-two-values",
        "must give value or valueFrom, not both",
        value="1",
        valueFrom={"secretKeyRef": _KEY},
    ),
    _variable(
        "a-variable-from-two-places",
        "valueFrom must name one of secretKeyRef and configMapKeyRef",
        valueFrom={"secretKeyRef": _KEY, "configMapKeyRef": _KEY},
    ),
    _variable(
        "a-variable-from-nowhere",
        "valueFrom must name one of secretKeyRef and configMapKeyRef",
        valueFrom={},
    ),
    row(
        "a-secrets-key-that-is-not-named",
        "spec.trainer.env[0].valueFrom.secretKeyRef.key",
        "Required value",
        trainer={"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]},
    ),
    row(
        "memory-with-a-blank",
        'spec.trainer.resources.limits[memory]: Invalid value: "": each value of',
        f'{_QUANTITY}, and not "4 GB"',
        trainer={"resources": {"limits": {"memory": "4 GB"}}},
    ),
    row(
        "less-than-no-processor",
        "spec.trainer.resources.requests[cpu]",
        f'{_QUANTITY}, and not "-1"',
        trainer={"resources": {"requests": {"cpu": -1}}},
    ),
    at("limits-as-a-list", "spec.trainer.resources.limits", ["4Gi"], OBJECT),
    at(
        "an-account-without-a-name",
        "spec.trainer.serviceAccountName",
        "",
        "should be at least 1 chars long",
    ),
    at(
        "a-gang-that-waits-for-ever",
        "spec.trainer.job.schedulingPolicy.scheduleTimeoutSeconds",
        2592001,
        "less than or equal to 2592000",
    ),
    row(
        "a-toleration-for-a-while",
        "spec.trainer.template.spec.tolerations[0].tolerationSeconds",
        f'{WHOLE}: "string"',
        trainer={"template": {"spec": {"tolerations": [{"tolerationSeconds": "1h"}]}}},
    ),
    at(
        "a-dns-policy-that-is-none",
        "spec.trainer.template.spec.dnsPolicy",
        "Cluster",
        'supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default"',
    ),
    row(
        "a-label-that-is-a-sentence",
        "spec.trainer.job.labels[team]",
        "must be made of letters, digits and -_., with a letter or a digit at both",
        trainer={"job": {"labels": {"team": "the best"}}},
    ),
    row(
        "a-volume-without-an-end",
        "spec.trainer.template.spec.volumes[0].emptyDir.sizeLimit",
        _QUANTITY,
        trainer={
            "template": {
                "spec": {"volumes": [{"name": "a", "emptyDir": {"sizeLimit": "all"}}]}
            }
        },
    ),
    row(
        "a-volume-in-capitals",
        "spec.trainer.template.spec.volumes[0].name",
        "must be made of a-z, 0-9 and -, no - at an end",
        trainer={"template": {"spec": {"volumes": [{"name": "Data"}]}}},
    ),
]
