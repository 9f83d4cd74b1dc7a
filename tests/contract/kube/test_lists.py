"""Lists: selected by labels and fields, cut into pages, printed as tables."""

import pytest


@pytest.fixture
async def pods(api, namespace):
    """Three pods that nobody runs."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    for name, labels in (
        ("a", {"app": "x", "tier": "1"}),
        ("b", {"app": "y", "tier": "1"}),
        ("c", {"app": "x"}),
    ):
        spec = {"containers": [{"name": "m", "image": "i"}], "schedulerName": "nobody"}
        body = {"metadata": {"name": name, "labels": labels}, "spec": spec}
        made = await api.post(path, body)
        assert 201 == made.status, made.body
    return path


def names(answer):
    return [one["metadata"]["name"] for one in answer["items"]]


async def test_a_list_says_what_it_is_and_at_which_version(api, pods):
    found = await api.get(pods)

    assert ("PodList", "v1") == (found["kind"], found["apiVersion"])
    assert int(found["metadata"]["resourceVersion"]) > 0
    assert ["a", "b", "c"] == names(found)


async def test_a_list_shows_nothing_of_a_namespace_whose_name_begins_alike(
    api, namespace, pods
):
    other = f"{namespace}-b"
    made = await api.post("/api/v1/namespaces", {"metadata": {"name": other}})
    assert 201 == made.status, made.body
    path = pods.replace(namespace, other)
    spec = {"containers": [{"name": "m", "image": "i"}], "schedulerName": "nobody"}
    await api.post(path, {"metadata": {"name": "d"}, "spec": spec})

    shown = names(await api.get(pods)), names(await api.get(path))
    await api.delete(f"/api/v1/namespaces/{other}")

    assert (["a", "b", "c"], ["d"]) == shown


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("app=x", ["a", "c"]),
        ("app==x,tier=1", ["a"]),
        ("app!=x", ["b"]),
        ("tier!=1", ["c"]),
        ("app in (x, y)", ["a", "b", "c"]),
        ("app notin (x)", ["b"]),
        ("tier", ["a", "b"]),
        ("!tier", ["c"]),
        ("app in (x),!tier", ["c"]),
    ],
)
async def test_labels_select(api, pods, selector, wanted):
    assert wanted == names(await api.get(pods, labelSelector=selector))


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("metadata.name=b", ["b"]),
        ("metadata.name!=b", ["a", "c"]),
        ("status.phase=Pending", ["a", "b", "c"]),
        ("status.phase=Running", []),
        ("spec.nodeName=", ["a", "b", "c"]),
        ("status.phase=Pending,metadata.name=c", ["c"]),
    ],
)
async def test_fields_select(api, pods, selector, wanted):
    assert wanted == names(await api.get(pods, fieldSelector=selector))


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"fieldSelector": "spec.color=red"}, id="a-field-not-offered"),
        pytest.param({"fieldSelector": "nonsense"}, id="a-field-without-a-value"),
        pytest.param({"labelSelector": "a=b=c d"}, id="labels-that-make-no-sense"),
    ],
)
async def test_a_selector_that_cannot_be_read_is_refused(api, pods, query):
    answer = await api.get(pods, **query)

    assert (400, "BadRequest") == (answer.status, answer["reason"])


async def test_events_are_selected_by_what_they_are_about(api, namespace):
    path = f"/api/v1/namespaces/{namespace}/events"
    for name, about in (("e1", "p"), ("e2", "q")):
        involved = {"kind": "Pod", "name": about, "namespace": namespace}
        body = {
            "metadata": {"name": name},
            "involvedObject": involved,
            "type": "Warning",
            "reason": "Why",
        }
        await api.post(path, body)

    selector = "involvedObject.name=q,involvedObject.kind=Pod,type=Warning,reason=Why"
    assert ["e2"] == names(await api.get(path, fieldSelector=selector))


async def test_pages_together_are_the_list_as_it_was_at_the_first(api, pods):
    first = await api.get(pods, limit=2)
    await api.delete(f"{pods}/c", gracePeriodSeconds=0)

    token = first["metadata"]["continue"]
    second = await api.get(pods, limit=2, **{"continue": token})

    assert ["a", "b"] == names(first)
    assert 1 == first["metadata"]["remainingItemCount"]
    assert ["c"] == names(second)
    assert "continue" not in second["metadata"]
    versions = {one["metadata"]["resourceVersion"] for one in (first, second)}
    assert 1 == len(versions)


async def test_all_namespaces_are_listed_together(api, pods):
    found = await api.get("/api/v1/pods", labelSelector="app=y")

    assert "b" in names(found)


TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


async def test_a_custom_resource_is_printed_in_its_own_columns(api, widgets):
    await widgets.create(mode="Slow")
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    await api.patch(f"{widgets.path}/one/status", {"status": status})

    table = await api.get(widgets.path, accept=TABLE)

    assert "Table" == table["kind"]
    columns = [(one["name"], one["priority"]) for one in table["columnDefinitions"]]
    assert [("Name", 0), ("Size", 0), ("Ready", 0), ("Mode", 1), ("Age", 0)] == columns
    assert ["one", 3, "True", "Slow"] == table["rows"][0]["cells"][:4]
    assert "PartialObjectMetadata" == table["rows"][0]["object"]["kind"]


async def test_a_column_whose_path_leads_nowhere_stays_empty(api, widgets):
    await widgets.create()

    table = await api.get(f"{widgets.path}/one", accept=TABLE)

    assert table["rows"][0]["cells"][2] is None


async def test_pods_are_printed_as_kubectl_shows_them(api, pods):
    table = await api.get(pods, accept=TABLE, fieldSelector="metadata.name=a")

    columns = [one["name"] for one in table["columnDefinitions"]]
    assert ["Name", "Ready", "Status", "Restarts", "Age"] == columns[:5]
    assert ["a", "0/1", "Pending"] == table["rows"][0]["cells"][:3]


async def test_lists_can_be_had_as_metadata_alone(api, pods):
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    found = await api.get(pods, accept=accept)

    assert "PartialObjectMetadataList" == found["kind"]
    assert "spec" not in found["items"][0]
