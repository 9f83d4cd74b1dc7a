"""kubernetes.aio, the operator's own client, works against the server."""

import asyncio

import pytest
from kubernetes.aio import client, config, watch
from kubernetes.aio.client.exceptions import ApiException


@pytest.fixture
async def kube(access):
    configuration = client.Configuration()
    await config.load_kube_config(
        config_file=str(access.kubeconfig), client_configuration=configuration
    )
    async with client.ApiClient(configuration) as found:
        yield found


@pytest.fixture
def customs(kube, widgets, namespace):
    return client.CustomObjectsApi(kube), (widgets.group, "v1", namespace, "widgets")


async def test_custom_objects_are_made_and_read(customs, widgets):
    api, where = customs
    made = await api.create_namespaced_custom_object(*where, widgets.make(size=5))

    found = await api.get_namespaced_custom_object(*where, "one")

    assert made == found
    assert 5 == found["spec"]["size"]


async def test_a_second_creation_raises_a_conflict(customs, widgets):
    api, where = customs
    await api.create_namespaced_custom_object(*where, widgets.make())

    with pytest.raises(ApiException) as caught:
        await api.create_namespaced_custom_object(*where, widgets.make())

    assert 409 == caught.value.status


async def test_status_is_patched(customs, widgets):
    api, where = customs
    await api.create_namespaced_custom_object(*where, widgets.make())

    after = await api.patch_namespaced_custom_object_status(
        *where, "one", {"status": {"ready": True}}
    )

    assert {"ready": True} == after["status"]


async def test_status_is_applied_server_side(customs, widgets):
    api, where = customs
    await api.create_namespaced_custom_object(*where, widgets.make())
    body = {
        "apiVersion": f"{widgets.group}/v1",
        "kind": "Widget",
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }

    after = await api.patch_namespaced_custom_object_status(
        *where,
        "one",
        body,
        field_manager="tests",
        force=True,
        _content_type="application/apply-patch+yaml",
    )

    assert body["status"] == after["status"]


async def test_built_in_kinds_come_back_as_models(kube, namespace):
    core = client.CoreV1Api(kube)
    secret = client.V1Secret(
        metadata=client.V1ObjectMeta(name="s"), string_data={"token": "x"}
    )

    await core.create_namespaced_secret(namespace, secret)
    found = await core.read_namespaced_secret("s", namespace)

    assert {"token": "eA=="} == found.data
    assert found.metadata.creation_timestamp is not None


async def test_leases_are_held_and_handed_over(kube, namespace):
    leases = client.CoordinationV1Api(kube)
    lease = client.V1Lease(
        metadata=client.V1ObjectMeta(name="leader"),
        spec=client.V1LeaseSpec(holder_identity="a", lease_duration_seconds=15),
    )
    held = await leases.create_namespaced_lease(namespace, lease)

    held.spec.holder_identity = "b"
    taken = await leases.replace_namespaced_lease("leader", namespace, held)

    assert "b" == taken.spec.holder_identity
    with pytest.raises(ApiException) as caught:
        await leases.replace_namespaced_lease("leader", namespace, held)
    assert 409 == caught.value.status


async def test_events_are_recorded(kube, namespace):
    core = client.CoreV1Api(kube)
    event = client.CoreV1Event(
        metadata=client.V1ObjectMeta(generate_name="e-"),
        involved_object=client.V1ObjectReference(
            kind="Pod", name="p", namespace=namespace
        ),
        reason="Why",
        message="because",
        type="Normal",
    )

    await core.create_namespaced_event(namespace, event)
    found = await core.list_namespaced_event(
        namespace, field_selector="involvedObject.name=p"
    )

    assert ["Why"] == [one.reason for one in found.items]


async def test_a_watch_is_followed(customs, widgets):
    api, where = customs
    told = []

    async def follow():
        async with watch.Watch() as stream:
            async for event in stream.stream(
                api.list_namespaced_custom_object, *where, timeout_seconds=5
            ):
                told.append((event["type"], event["object"]["metadata"]["name"]))
                if len(told) == 2:
                    return

    following = asyncio.create_task(follow())
    await api.create_namespaced_custom_object(*where, widgets.make("a"))
    await api.create_namespaced_custom_object(*where, widgets.make("b"))
    await asyncio.wait_for(following, 10)

    assert [("ADDED", "a"), ("ADDED", "b")] == told
