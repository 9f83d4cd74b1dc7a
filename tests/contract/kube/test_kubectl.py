"""kubectl itself, as its users type it."""

import asyncio
import json

import pytest


class Kubectl:
    """Runs kubectl and keeps what it said."""

    def __init__(self, program, kubeconfig, namespace, cache):
        self._always = [
            program,
            f"--kubeconfig={kubeconfig}",
            f"--namespace={namespace}",
            f"--cache-dir={cache}",
        ]

    async def __call__(self, *words, stdin=None, code=0):
        process = await asyncio.create_subprocess_exec(
            *self._always,
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        data = None if stdin is None else json.dumps(stdin).encode()
        async with asyncio.timeout(30):
            out, err = await process.communicate(data)
        assert code == process.returncode, err.decode()
        return (out if code == 0 else err).decode()


@pytest.fixture
def kubectl(program, access, namespace, tmp_path) -> Kubectl:
    return Kubectl(program, access.kubeconfig, namespace, tmp_path / "cache")


async def _apply(kubectl, document, *words, **more):
    return await kubectl("apply", "-f", "-", *words, stdin=document, **more)


async def test_apply_makes_changes_and_leaves_alone(kubectl, widgets):
    said = [await _apply(kubectl, widgets.make("one", size=size)) for size in (4, 4, 5)]

    name = f"widget.{widgets.group}/one"
    wanted = [f"{name} {verb}\n" for verb in ("created", "unchanged", "configured")]
    assert wanted == said


async def test_apply_of_a_field_no_longer_said_removes_it(kubectl, widgets, api):
    await _apply(kubectl, widgets.make("one", name="abc", size=4))

    await _apply(kubectl, widgets.make("one", size=4))

    assert "name" not in (await api.get(f"{widgets.path}/one"))["spec"]


async def test_apply_works_on_the_server_too(kubectl, widgets):
    said = await _apply(kubectl, widgets.make("one"), "--server-side")

    assert f"widget.{widgets.group}/one serverside-applied\n" == said


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"nope": 1}, 'unknown field "spec.nope"'),
        ({"size": 0}, "spec.size in body should be greater than or equal to 1"),
        ({"mode": "Slow", "size": 1}, "Slow needs a size above 1"),
    ],
    ids=["unknown-field", "schema", "rule"],
)
async def test_apply_shows_why_something_is_refused(kubectl, widgets, spec, told):
    assert told in await _apply(kubectl, widgets.make("one", **spec), code=1)


async def test_get_prints_the_columns_of_the_definition(kubectl, widgets):
    await widgets.create()

    plain = (await kubectl("get", f"wd.{widgets.group}")).splitlines()
    wide = (await kubectl("get", f"wd.{widgets.group}", "-o", "wide")).splitlines()

    assert ["NAME", "SIZE", "READY", "AGE"] == plain[0].split()
    assert ["one", "3"] == plain[1].split()[:2]
    assert ["NAME", "SIZE", "READY", "MODE", "AGE"] == wide[0].split()


async def test_get_selects_by_labels(kubectl, widgets):
    await widgets.create()
    await kubectl("label", f"wd.{widgets.group}/one", "a=b")

    found = await kubectl("get", f"wd.{widgets.group}", "-l", "a=b", "-o", "name")

    assert f"widget.{widgets.group}/one\n" == found


async def test_describe_shows_the_object_and_its_events(kubectl, widgets, api):
    made = await widgets.create()
    about = made["metadata"]
    event = {
        "metadata": {"name": "e"},
        "involvedObject": {
            "apiVersion": made["apiVersion"],
            "kind": "Widget",
            "name": "one",
            "namespace": about["namespace"],
            "uid": about["uid"],
        },
        "type": "Normal",
        "reason": "Shown",
        "message": "here it is",
    }
    await api.post(f"/api/v1/namespaces/{about['namespace']}/events", event)

    said = await kubectl("describe", f"wd.{widgets.group}", "one")

    assert "Size:  3" in said
    assert "here it is" in said


async def test_events_are_listed(kubectl, api, namespace):
    event = {
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": namespace},
        "type": "Warning",
        "reason": "Odd",
        "message": "look here",
    }
    await api.post(f"/api/v1/namespaces/{namespace}/events", event)

    assert "look here" in await kubectl("get", "events")
    assert "look here" in await kubectl("events", "--types=Warning")


async def test_wait_sees_a_condition_come(kubectl, widgets, api):
    await widgets.create()
    waiting = asyncio.create_task(
        kubectl("wait", "--for=condition=Ready", f"wd.{widgets.group}/one")
    )
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    await api.patch(f"{widgets.path}/one/status", {"status": status})

    assert "condition met" in await waiting


async def test_wait_sees_an_object_go(kubectl, widgets, api):
    await widgets.create()
    waiting = asyncio.create_task(
        kubectl("wait", "--for=delete", f"wd.{widgets.group}/one", "--timeout=20s")
    )

    await api.delete(f"{widgets.path}/one")

    await waiting


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("--type=merge", '-p={"spec":{"size":6}}'), id="merge"),
        pytest.param(
            ("--type=json", '-p=[{"op":"replace","path":"/spec/size","value":6}]'),
            id="json",
        ),
    ],
)
async def test_patch_changes_a_field(kubectl, widgets, api, change):
    await widgets.create()

    await kubectl("patch", f"wd.{widgets.group}", "one", *change)

    assert 6 == (await api.get(f"{widgets.path}/one"))["spec"]["size"]


async def test_patch_reaches_the_status(kubectl, widgets, api):
    await widgets.create()
    change = '-p={"status":{"ready":true}}'
    name = f"wd.{widgets.group}"

    await kubectl("patch", name, "one", "--subresource=status", "--type=merge", change)

    assert (await api.get(f"{widgets.path}/one"))["status"]["ready"]


async def test_annotate_writes_an_annotation(kubectl, widgets, api):
    await widgets.create()

    await kubectl("annotate", f"wd.{widgets.group}", "one", "a.dev/at=now")

    about = (await api.get(f"{widgets.path}/one"))["metadata"]
    assert {"a.dev/at": "now"} == about["annotations"]


async def test_explain_knows_the_schema(kubectl, widgets, api):
    # A real server serves a resource before it has written about it.
    document = f"/openapi/v3/apis/{widgets.group}/v1"
    await api.until(document, lambda answer: 200 == answer.status)

    said = await kubectl("explain", f"widgets.{widgets.group}.spec.size")

    assert "FIELD: size <integer>" in said


async def test_delete_waits_until_it_is_gone(kubectl, widgets):
    await widgets.create()

    said = await kubectl("delete", f"wd.{widgets.group}", "one", "--timeout=20s")

    assert f'widget.{widgets.group} "one" deleted' in said


@pytest.mark.parametrize(
    ("words", "path", "wanted"),
    [
        pytest.param(
            ("create", "secret", "generic", "s", "--from-literal=token=x"),
            "secrets/s",
            {"data": {"token": "eA=="}, "type": "Opaque"},
            id="secret",
        ),
        pytest.param(
            ("create", "configmap", "c", "--from-literal=a=b"),
            "configmaps/c",
            {"data": {"a": "b"}},
            id="configmap",
        ),
        pytest.param(
            ("create", "serviceaccount", "sa"), "serviceaccounts/sa", {}, id="account"
        ),
    ],
)
async def test_create_sends_protobuf_and_is_understood(
    kubectl, api, namespace, words, path, wanted
):
    await kubectl(*words)

    found = await api.get(f"/api/v1/namespaces/{namespace}/{path}")
    assert 200 == found.status
    assert wanted == {key: found[key] for key in wanted}


async def test_apply_merges_built_in_kinds_by_their_keys(kubectl, api, namespace):
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "labels": {"a": "1"}},
        "spec": {
            "selector": {"matchLabels": {"a": "1"}},
            "template": {
                "metadata": {"labels": {"a": "1"}},
                "spec": {"containers": [{"name": "m", "image": "i:1"}]},
            },
        },
    }
    await _apply(kubectl, document)
    document["spec"]["template"]["spec"]["containers"][0]["image"] = "i:2"

    said = await _apply(kubectl, document)

    assert "deployment.apps/d configured\n" == said
    found = await api.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/d")
    containers = found["spec"]["template"]["spec"]["containers"]
    assert [("m", "i:2")] == [(one["name"], one["image"]) for one in containers]


async def test_api_resources_are_listed(kubectl, widgets):
    said = await kubectl("api-resources", "--api-group", widgets.group)

    assert "wd" in said


async def test_what_is_missing_is_not_found_in_the_usual_words(kubectl):
    said = await kubectl("get", "pod", "none", code=1)

    assert 'Error from server (NotFound): pods "none" not found\n' == said


async def test_an_unknown_kind_is_unknown(kubectl):
    said = await kubectl("get", "gadgets", code=1)

    assert 'the server doesn\'t have a resource type "gadgets"' in said
