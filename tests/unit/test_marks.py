"""Long lists come page by page, and of each object no more than tells its state."""

import json

import pytest

from mnist_operator.kube import Kube, Mark
from mnist_operator.resource import PLURAL


def meta(number):
    """Of one of many objects, as a server tells it."""
    return {
        "namespace": "team",
        "name": f"t{number}",
        "uid": f"u{number}",
        "resourceVersion": str(number),
    }


class Server(Kube):
    """Answers with two objects a page."""

    def __init__(self, *metas) -> None:
        self.metas = metas
        self.asked = []

    async def call(self, method, path, body=None, *, query=None, **options):
        self.asked.append((method, path, body, dict(query or {}), options))
        place = int((query or {}).get("continue", 0))
        page = self.metas[place : place + 2]
        more = place + 2 < len(self.metas)
        about = {"continue": str(place + 2)} if more else {}
        return json.dumps({"metadata": about, "items": [{"metadata": m} for m in page]})


async def test_every_page_is_asked_for_and_only_metadata():
    server = Server(*map(meta, range(5)))
    pages = [page async for page in server.mark_trainings("team")]

    assert [2, 2, 1] == [len(page) for page in pages]
    assert Mark("team", "t4", "u4", "4") == pages[2][0]
    for _, path, _, query, options in server.asked:
        assert path.endswith(f"/namespaces/team/{PLURAL}")
        assert "500" == query["limit"]
        assert "PartialObjectMetadataList" in options["accept"]


async def test_a_mark_holds_what_decides_about_an_object():
    told = meta(1) | {
        "generation": 3,
        "labels": {"shard": "a"},
        "finalizers": ["one"],
        "deletionTimestamp": "now",
    }
    (page,) = [page async for page in Server(told).mark_jobs("", "shard")]

    assert [
        Mark("team", "t1", "u1", "1", 3, {"shard": "a"}, ("one",), deleting=True)
    ] == page


async def test_an_empty_list_is_one_empty_page():
    assert [[]] == [page async for page in Server().mark_trainings()]


@pytest.mark.parametrize(
    ("finalizers", "left"), [(("ours",), []), (("a", "ours", "b"), ["a", "b"])]
)
async def test_a_finalizer_goes_only_from_what_was_marked(finalizers, left):
    server = Server()
    await server.let_go(Mark("team", "t", "u", "7", finalizers=finalizers), "ours")

    method, _, body, _, _ = server.asked[0]
    assert "PATCH" == method
    assert {"metadata": {"resourceVersion": "7", "finalizers": left}} == body
