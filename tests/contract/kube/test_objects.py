"""Objects are made, read, changed and deleted as on a real API server."""

from datetime import datetime

import pytest


async def test_a_new_object_gets_what_only_the_server_gives(api, maps):
    made = await api.post(maps, {"metadata": {"name": "one"}, "data": {"a": "b"}})

    assert 201 == made.status
    about = made["metadata"]
    assert {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"} <= set(
        about
    )
    assert {"a": "b"} == (await api.get(f"{maps}/one"))["data"]


async def test_a_name_that_is_taken_is_refused_as_already_existing(api, maps):
    await api.post(maps, {"metadata": {"name": "one"}})

    again = await api.post(maps, {"metadata": {"name": "one"}})

    assert (409, "AlreadyExists") == (again.status, again["reason"])
    assert 'configmaps "one" already exists' == again["message"]
    assert {"name": "one", "kind": "configmaps"} == again["details"]


async def test_generate_name_is_completed(api, maps):
    made = await api.post(maps, {"metadata": {"generateName": "run-"}})

    name = made["metadata"]["name"]
    assert name.startswith("run-")
    assert len("run-") + 5 == len(name)


async def test_what_is_not_there_is_not_found(api, maps):
    answer = await api.get(f"{maps}/none")

    assert (404, "NotFound") == (answer.status, answer["reason"])
    assert 'configmaps "none" not found' == answer["message"]


async def test_an_object_cannot_be_made_in_a_namespace_that_is_not_there(api):
    answer = await api.post(
        "/api/v1/namespaces/nowhere/configmaps", {"metadata": {"name": "one"}}
    )

    assert 404 == answer.status
    assert 'namespaces "nowhere" not found' == answer["message"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("Upper", "RFC 1123 subdomain", id="capitals"),
        pytest.param("a_b", "RFC 1123 subdomain", id="underscores"),
        pytest.param("a" * 254, "no more than 253", id="too-long"),
        pytest.param("", "name or generateName is required", id="none-at-all"),
    ],
)
async def test_names_that_are_no_names_are_refused(api, maps, name, told):
    answer = await api.post(maps, {"metadata": {"name": name}})

    assert (422, "Invalid") == (answer.status, answer["reason"])
    assert told in answer["message"]
    assert "metadata.name" == answer["details"]["causes"][0]["field"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("a" * 63, 201, id="63-letters-are-a-service-name"),
        pytest.param("a" * 64, 422, id="64-letters-are-not"),
        pytest.param("1a", 422, id="nor-what-begins-with-a-digit"),
    ],
)
async def test_a_service_name_is_a_label(api, namespace, name, status):
    body = {"metadata": {"name": name}, "spec": {"ports": [{"port": 1}]}}
    answer = await api.post(f"/api/v1/namespaces/{namespace}/services", body)

    assert status == answer.status


async def test_a_label_value_that_is_none_is_refused(api, maps):
    body = {"metadata": {"name": "one", "labels": {"a": "no spaces"}}}
    answer = await api.post(maps, body)

    assert 422 == answer.status
    assert "metadata.labels" == answer["details"]["causes"][0]["field"]


async def test_a_stale_resource_version_is_a_conflict(api, maps):
    first = await api.post(maps, {"metadata": {"name": "one"}})
    await api.patch(f"{maps}/one", {"data": {"a": "b"}})

    late = await api.put(f"{maps}/one", {**first.body, "data": {"a": "c"}})

    assert (409, "Conflict") == (late.status, late["reason"])
    assert (
        'Operation cannot be fulfilled on configmaps "one": the object has been '
        "modified; please apply your changes to the latest version and try again"
    ) == late["message"]


async def test_an_update_that_changes_nothing_makes_no_new_version(api, maps):
    first = await api.post(maps, {"metadata": {"name": "one"}, "data": {"a": "b"}})

    same = await api.patch(f"{maps}/one", {"data": {"a": "b"}})

    assert first["metadata"]["resourceVersion"] == same["metadata"]["resourceVersion"]


async def test_the_server_keeps_its_own_metadata_through_updates(api, maps):
    first = await api.post(maps, {"metadata": {"name": "one"}})
    changed = {"metadata": {"name": "one", "creationTimestamp": None}, "data": {}}

    after = await api.put(f"{maps}/one", changed)

    kept = ("uid", "creationTimestamp")
    assert [first["metadata"][key] for key in kept] == [
        after["metadata"][key] for key in kept
    ]


async def test_a_dry_run_answers_as_if_and_leaves_no_trace(api, maps):
    dry = await api.post(maps, {"metadata": {"name": "one"}}, dryRun="All")

    assert 201 == dry.status
    assert 404 == (await api.get(f"{maps}/one")).status


async def test_deleting_answers_with_success_and_the_uid(api, maps):
    made = await api.post(maps, {"metadata": {"name": "one"}})

    gone = await api.delete(f"{maps}/one")

    assert (200, "Success") == (gone.status, gone["status"])
    assert made["metadata"]["uid"] == gone["details"]["uid"]
    assert 404 == (await api.get(f"{maps}/one")).status


@pytest.mark.parametrize("field", ["uid", "resourceVersion"])
async def test_a_deletion_with_a_false_precondition_is_a_conflict(api, maps, field):
    await api.post(maps, {"metadata": {"name": "one"}})
    options = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {field: "12345"},
    }

    answer = await api.delete(f"{maps}/one", options)

    assert 409 == answer.status
    name = {"uid": "UID", "resourceVersion": "ResourceVersion"}[field]
    told = f"the {name} in the precondition (12345) does not match the {name} in record"
    assert told in answer["message"]
    assert {"name": "one", "kind": "ConfigMap"} == answer["details"]
    assert 200 == (await api.get(f"{maps}/one")).status


async def test_finalizers_hold_a_deletion_until_the_last_is_gone(api, maps):
    body = {"metadata": {"name": "one", "finalizers": ["a.dev/x", "a.dev/y"]}}
    await api.post(maps, body)

    held = await api.delete(f"{maps}/one")

    assert held["metadata"]["deletionTimestamp"]
    assert 0 == held["metadata"]["deletionGracePeriodSeconds"]
    first = await api.patch(
        f"{maps}/one",
        [
            {"op": "test", "path": "/metadata/finalizers/0", "value": "a.dev/x"},
            {"op": "remove", "path": "/metadata/finalizers/0"},
        ],
        "json",
    )
    assert ["a.dev/y"] == first["metadata"]["finalizers"]
    await api.patch(f"{maps}/one", {"metadata": {"finalizers": None}})
    assert 404 == (await api.get(f"{maps}/one")).status


async def test_a_pod_that_is_deleted_names_the_time_by_which_it_is_gone(api, namespace):
    path = f"/api/v1/namespaces/{namespace}/pods"
    container = {"name": "a", "image": "i:1"}
    spec = {"containers": [container], "nodeName": "nobody"}
    made = await api.post(path, {"metadata": {"name": "p"}, "spec": spec})

    first = await api.delete(f"{path}/p", gracePeriodSeconds=600)
    later = await api.delete(f"{path}/p", gracePeriodSeconds=900)
    sooner = await api.delete(f"{path}/p", gracePeriodSeconds=300)
    await api.delete(f"{path}/p", gracePeriodSeconds=0)

    def until(answer):
        about = answer["metadata"]
        end = datetime.fromisoformat(about["deletionTimestamp"])
        born = datetime.fromisoformat(made["metadata"]["creationTimestamp"])
        return about["deletionGracePeriodSeconds"], (end - born).total_seconds()

    assert until(first) == until(later)
    assert [600, 300] == [until(each)[0] for each in (first, sooner)]
    assert 600 <= until(first)[1] < 900
    assert 300 == until(first)[1] - until(sooner)[1]
    assert 404 == (await api.get(f"{path}/p")).status


async def test_no_finalizer_can_be_added_to_what_is_being_deleted(api, maps):
    body = {"metadata": {"name": "one", "finalizers": ["a.dev/x"]}}
    await api.post(maps, body)
    await api.delete(f"{maps}/one")

    change = {"metadata": {"finalizers": ["a.dev/x", "a.dev/y"]}}
    answer = await api.patch(f"{maps}/one", change)

    assert 422 == answer.status
    assert 'found new finalizers []string{"a.dev/y"}' in answer["message"]
    await api.patch(f"{maps}/one", {"metadata": {"finalizers": None}})


async def test_a_collection_is_deleted_by_selector(api, maps):
    for name, label in (("a", "x"), ("b", "y"), ("c", "x")):
        await api.post(maps, {"metadata": {"name": name, "labels": {"of": label}}})

    await api.delete(maps, labelSelector="of=x")

    left = await api.get(maps, labelSelector="of")
    assert ["b"] == [one["metadata"]["name"] for one in left["items"]]


async def test_string_data_of_a_secret_is_encoded(api, namespace):
    path = f"/api/v1/namespaces/{namespace}/secrets"
    made = await api.post(path, {"metadata": {"name": "s"}, "stringData": {"a": "b"}})

    assert {"a": "Yg=="} == made["data"]
    assert "Opaque" == made["type"]
    assert "stringData" not in made.body


async def test_an_event_about_another_namespace_is_refused(api, namespace):
    body = {
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": "other"},
        "reason": "Why",
        "type": "Normal",
    }
    answer = await api.post(f"/api/v1/namespaces/{namespace}/events", body)

    assert 422 == answer.status


async def test_a_lease_is_only_updated_by_who_knows_its_version(api, namespace):
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
    made = await api.post(
        path, {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}}
    )
    blind = {**made.body, "metadata": {"name": "l"}}

    assert 422 == (await api.put(f"{path}/l", blind)).status
    assert 200 == (await api.put(f"{path}/l", made.body)).status


async def test_a_path_that_leads_nowhere_is_not_found(api):
    assert 404 == (await api.get("/apis/nothing.example.dev/v1/things")).status
    assert 404 == (await api.get("/api/v1/things")).status


async def test_a_body_in_an_unknown_format_is_not_read(api, maps):
    answer = await api.post(maps, b"<xml/>", content="application/xml")

    assert (415, "UnsupportedMediaType") == (answer.status, answer["reason"])


async def test_a_client_that_reads_no_json_is_told_so(api, maps):
    assert 406 == (await api.get(maps, accept="image/png")).status
