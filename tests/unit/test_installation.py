"""The ways to install the operator: what each of them adds, and what it leaves out.

That kustomize and Helm make of these files what is meant, tests/cluster/install asks
the programs themselves; here is what can be read off the files.
"""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from mnist_operator import __version__
from mnist_operator.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUSTOMIZE = DEPLOY / "kustomize"
CHART = DEPLOY / "helm" / "mnist-operator"
OVERLAYS = KUSTOMIZE / "overlays"


def _load(path):
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [each for each in yaml.load_all(path.read_text(), loader) if each]


def _key(body):
    return body["kind"], body["metadata"]["name"]


INSTALLED = {_key(each): each for each in _load(DEPLOY / "install.yaml")}
[VALUES] = _load(CHART / "values.yaml")
SCHEMA = json.loads((CHART / "values.schema.json").read_text())


# --- deploy/install.yaml, and the chart's CRD -----------------------------------------


def _sources():
    base = [KUSTOMIZE / "base" / each for each in ("rbac", "deployment", "namespace")]
    files = [path.with_suffix(".yaml") for path in base]
    files += [KUSTOMIZE / "base" / "serviceaccount.yaml"]
    files += [OVERLAYS / "cluster-wide" / "users.yaml"]
    files += [ROOT / "crds" / "mnisttraining.yaml"]
    return {_key(body): body for path in files for body in _load(path)}


SOURCES = _sources()


def test_the_one_file_holds_what_the_overlay_is_made_of():
    assert set(SOURCES) == set(INSTALLED), "run `make manifests`"


@pytest.mark.parametrize("key", SOURCES, ids="-".join)
def test_the_one_file_is_as_its_sources(key):
    source, installed = SOURCES[key], INSTALLED[key]
    for body in (source, installed):
        for container in _containers(body):
            container["image"] = container["image"].partition(":")[0]
        for subject in body.get("subjects", ()):
            subject.pop("namespace", None)
    labels = source["metadata"].get("labels", {})

    parts = set(source) - {"metadata"}
    assert parts == set(installed) - {"metadata"}
    assert [source[each] for each in parts] == [installed[each] for each in parts], (
        "run `make manifests`"
    )
    assert labels.items() <= installed["metadata"]["labels"].items()


def _containers(body):
    if body["kind"] != "Deployment":
        return []
    return body["spec"]["template"]["spec"]["containers"]


def test_the_charts_definition_is_the_shipped_one():
    [shipped] = _load(ROOT / "crds" / "mnisttraining.yaml")
    [charts] = _load(CHART / "crds" / "mnisttraining.yaml")

    assert shipped["spec"] == charts["spec"], "run `make manifests`"


# --- kustomize ------------------------------------------------------------------------

KUSTOMIZATIONS = sorted(KUSTOMIZE.rglob("kustomization.yaml"))


def _folder(path):
    return path.parent.relative_to(KUSTOMIZE).as_posix()


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=_folder)
def test_a_kustomization_uses_every_manifest_beside_it(path):
    [body] = _load(path)
    patches = [each.get("path") for each in body.get("patches", ())]
    named = [*body.get("resources", ()), *body.get("components", ()), *patches]

    beside = {each.name for each in path.parent.glob("*.yaml")} - {path.name}

    assert beside == {each for each in named if str(each).endswith(".yaml")}
    assert all((path.parent / each).exists() for each in named if each)


def _environment(path):
    [body] = _load(path)
    return {each["name"]: each for each in _containers(body)[0]["env"]}


@pytest.mark.parametrize(
    "path",
    [
        "components/named-namespaces/settings.yaml",
        "components/signing/key.yaml",
        "components/standby/two.yaml",
        "overlays/high-security/operator/settings.yaml",
    ],
)
def test_a_setting_of_kustomize_is_one_of_the_operator(path):
    known = {f"MNIST_OPERATOR_{name}".upper() for name in Settings.model_fields}

    assert set(_environment(KUSTOMIZE / path)) <= {*known, "POD_NAME"}


def test_the_rules_that_are_taken_away_are_those_on_the_cluster():
    [role, *_] = _load(KUSTOMIZE / "base" / "rbac.yaml")
    [component] = _load(KUSTOMIZE / "components/named-namespaces/kustomization.yaml")
    steps = yaml.safe_load(component["patches"][-1]["patch"])

    taken = {int(each["path"].split("/")[2]) for each in steps}

    assert {"namespaces", "customresourcedefinitions"} == {
        role["rules"][each]["resources"][0] for each in taken
    }


# --- the chart ------------------------------------------------------------------------


def test_the_chart_has_the_version_of_the_operator():
    [chart] = _load(CHART / "Chart.yaml")

    assert (__version__, __version__) == (chart["version"], chart["appVersion"])


def test_every_value_is_explained_above_it():
    """A group may leave that to its values; requests and limits are a pod's own."""
    lines = (CHART / "values.yaml").read_text().splitlines()
    values = [i for i, line in enumerate(lines) if re.match(r" *[A-Za-z0-9]+:", line)]

    silent = [
        lines[i]
        for i in values
        if not lines[i - 1].lstrip().startswith("#")
        and not (lines[i].endswith(":") and lines[i + 1].lstrip().startswith("#"))
        and i not in range(lines.index("resources:"), lines.index("networkPolicy:"))
    ]

    assert values
    assert [] == silent


def _properties(schema):
    if "$ref" in schema:
        return _properties(SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]])
    return schema.get("properties", {})


def _differences(values, schema, path=""):
    """Values that the schema does not know, and the other way round."""
    known = _properties(schema)
    if known and isinstance(values, dict):
        yield from (f"{path}.{each}" for each in set(values) ^ set(known))
        for name in set(values) & set(known):
            yield from _differences(values[name], known[name], f"{path}.{name}")


def test_the_schema_knows_every_value_and_no_other():
    # `global` is what Helm hands to every chart; `requests` and `limits` are a pod's.
    assert [".global"] == sorted(_differences(VALUES, SCHEMA))


def _over_the_defaults(values):
    """As Helm lays them, a level deep."""
    known = {name: VALUES[name] for name in values if name in VALUES}
    return {**VALUES, **values} | {
        name: {**default, **values[name]}
        for name, default in known.items()
        if isinstance(default, dict)
    }


@pytest.mark.parametrize(
    "path", sorted(CHART.glob("values*.yaml")), ids=lambda p: p.stem
)
def test_the_shipped_values_fit_the_schema(path):
    [values] = _load(path)

    jsonschema.validate(_over_the_defaults(values), SCHEMA)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        pytest.param({"replicas": 2}, "", id="unknown-value"),
        pytest.param({"pachyderm": {"address": "pachd"}}, "address", id="no-port"),
        pytest.param(
            {"pachyderm": {"s3Endpoint": "s3://pachd"}}, "s3Endpoint", id="no-endpoint"
        ),
        pytest.param({"namespaces": ["Team_A"]}, "namespaces", id="no-namespace"),
        pytest.param({"namespaces": "team-a"}, "namespaces", id="no-list"),
        pytest.param({"settings": {"pollSeconds": 0}}, "pollSeconds", id="no-period"),
        pytest.param({"image": {"digest": "latest"}}, "digest", id="no-digest"),
        pytest.param({"image": {"pullPolicy": "always"}}, "pullPolicy", id="case"),
        pytest.param(
            {"networkPolicy": {"apiServer": {"cidrs": ["10.0.0.1"]}}},
            "cidrs",
            id="cidr",
        ),
        pytest.param({"resources": {"cpu": "1"}}, "resources", id="no-resources"),
    ],
)
def test_the_schema_refuses(values, field):
    with pytest.raises(jsonschema.ValidationError) as caught:
        jsonschema.validate(_over_the_defaults(values), SCHEMA)

    assert field in [*map(str, caught.value.absolute_path), ""]


def test_the_rules_of_the_chart_have_their_reasons_too():
    lines = (CHART / "templates" / "_rules.tpl").read_text().splitlines()
    rules = [i for i, line in enumerate(lines) if line.startswith("- apiGroups:")]

    assert rules
    assert all(lines[i - 1].startswith("# ") for i in rules)


def test_the_reasons_of_the_chart_are_those_of_kustomize():
    ours = (KUSTOMIZE / "base" / "rbac.yaml").read_text()
    charts = (CHART / "templates" / "_rules.tpl").read_text().splitlines()

    rules = charts[charts.index(next(x for x in charts if x.startswith("# list"))) : -1]

    assert "\n".join(f"  {line}" for line in rules) in ours


# --- checks by others -----------------------------------------------------------------

PAGE = {"page", "page, Helm"}
"""How the page is added to an overlay."""
EXCEPTIONS = tomllib.loads(
    (ROOT / "tests" / "manifest_checks" / "exceptions.toml").read_text()
)["exception"]


@pytest.mark.parametrize(
    "each", EXCEPTIONS, ids=lambda each: f"{each['check']}-{each['object']}"
)
def test_an_exception_has_a_reason_and_is_of_ways_that_exist(each):
    same = re.fullmatch(r"The same(?: as ([A-Z0-9_]+))?[.:].*", each["reason"])

    assert set(each["ways"]) <= {path.name for path in OVERLAYS.iterdir()} | PAGE
    assert len(each["reason"]) > 60 or same
    assert not same or same[1] in {None, *(one["check"] for one in EXCEPTIONS)}


def test_no_finding_is_excepted_twice():
    keys = [
        (each["check"], each["object"], way)
        for each in EXCEPTIONS
        for way in each["ways"]
    ]

    assert len(set(keys)) == len(keys)
