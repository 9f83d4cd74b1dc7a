"""What stands between us and the API server answers in its place, or breaks off.

Whatever comes, a call has a value or an error of ours, and never a fault.
"""

import json
from contextlib import aclosing

import pytest
from aiohttp import web
from hypothesis import given

from mnist_operator.errors import NotFoundError, OperatorError, TooLargeError
from mnist_operator.kube import answers, connect
from mnist_operator.kube.leases import Leases
from unit.hostile import DEEP, JUNK, changed, fuzzed

_BODY = {
    "apiVersion": "v1",
    "kind": "Thing",
    "metadata": {"name": "a", "namespace": "team", "uid": "u", "resourceVersion": "7"},
    "spec": {},
}
_LIST = {"kind": "List", "metadata": {"resourceVersion": "7"}, "items": [_BODY]}
_PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"
_CONTENTS = [
    b"",
    _PAGE,
    json.dumps(_BODY).encode()[:-20],
    json.dumps(_LIST).encode()[:-20],
    b'{"items": null}',
    b'{"items": 7, "metadata": []}',
    b'{"items": [{"metadata": null}], "metadata": null}',
    b'{"metadata": {}, "data": {"token": 7}}',
    b"\x1f\x8b\x08junk",
    b"\xff\xfe\x00",
    b'{"message": "' + b"\\u001b[31m" * 100_000 + b'"}',
    b'{"a": "' + b"x" * 10_000_000 + b'"}',
    *(each.encode() for each in JUNK),
]
_STATUSES = (200, 201, 301, 400, 401, 403, 404, 409, 410, 422, 500, 502, 503, 504)


class _Server:
    """Answers everything in one way."""

    def __init__(self):
        self.status, self.content, self.headers = 200, b"", {}

    async def answer(self, _):
        return web.Response(status=self.status, body=self.content, headers=self.headers)


@pytest.fixture(name="server")
async def _server():
    return _Server()


@pytest.fixture(name="kube")
async def _kube(server, tmp_path):
    application = web.Application(client_max_size=0)
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    config = tmp_path / "config"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [
                    {"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}
                ],
                "users": [{"name": "u", "user": {"token": "t"}}],
            }
        )
    )
    kube = await connect(config)
    yield kube
    await kube.close()
    await runner.cleanup()


async def _watch(kube):
    async with aclosing(kube.watch_training("team", "a")) as events:
        return [event async for event in events]


_CALLS = {
    "serves": lambda k: k.serves("g", "v1", "things"),
    "list_namespaces": lambda k: k.list_namespaces(),
    "get_training": lambda k: k.get_training("team", "a"),
    "list_trainings": lambda k: k.list_trainings(),
    "patch_status": lambda k: k.patch_status("team", "a", {}),
    "list_jobs": lambda k: k.list_jobs("team", "a=b"),
    "create_job": lambda k: k.create_job("team", {}),
    "delete_job": lambda k: k.delete_job("team", "a"),
    "set_owners": lambda k: k.set_owners("team", "a", []),
    "list_pods": lambda k: k.list_pods("team", "a=b"),
    "list_events": lambda k: k.list_events("team", "a"),
    "read_log": lambda k: k.read_log("team", "a", "c", limit=10),
    "create_event": lambda k: k.create_event("team", {}),
    "ping": lambda k: k.ping(),
    "watch": _watch,
    "lease": lambda k: Leases(k, "team", "a").read(),
}


@pytest.mark.parametrize("call", _CALLS)
async def test_an_answer_of_any_kind_is_a_value_or_an_error_of_ours(server, kube, call):
    for place, content in enumerate(_CONTENTS):
        statuses = (200, _STATUSES[place % len(_STATUSES)])
        for server.status in statuses:
            server.content = content
            try:
                await _CALLS[call](kube)
            except OperatorError as error:
                assert len(str(error)) < 1000  # noqa: PT017 (a value is as good)
                assert str(error).replace("\n", "").isprintable()  # noqa: PT017


async def test_a_web_page_instead_of_an_object_is_told_as_that(server, kube):
    server.content = _PAGE

    with pytest.raises(OperatorError, match=r"502 Bad Gateway.*does a proxy stand"):
        await kube.get_training("team", "a")


async def test_a_busy_server_is_heard_and_then_told_of(server, kube):
    server.status, server.headers = 429, {"Retry-After": "9" * 400}
    server.content = b'{"message": "too many requests"}'

    with pytest.raises(OperatorError, match="too many requests"):
        await kube.list_events("team", "a")


async def test_an_event_of_10_mb_is_an_event_of_a_watch(server, kube):
    large = _BODY | {"spec": {"a": "x" * 10_000_000}}
    server.content = json.dumps({"type": "ADDED", "object": large}).encode() + b"\n"

    async with aclosing(kube.watch("/things", {})) as events:
        assert ["ADDED"] == [event["type"] async for event in events]


async def _pieces(*several):
    for each in several:
        yield each


async def test_an_answer_without_end_is_given_up():
    endless = _pieces(*[bytes(64 << 20)] * 5)

    with pytest.raises(TooLargeError):
        await answers.gather(endless, "GET /things")


async def test_a_line_without_end_is_given_up():
    lines = answers.split_lines(_pieces(*[bytes(1 << 20)] * 17), "WATCH /")

    with pytest.raises(TooLargeError):
        await anext(lines)


async def test_lines_come_whole_however_they_were_cut():
    pieces = _pieces(b"one\ntw", b"o", b"\n\nthree\n", b"half")

    assert [b"one", b"two", b"three"] == [
        line async for line in answers.split_lines(pieces, "WATCH /")
    ]


async def test_of_a_long_log_the_end_is_kept():
    pieces = _pieces(*[b"x" * 1000] * 100, b"the end")

    assert b"xxxthe end" == await answers.keep_tail(pieces, 10)


@fuzzed
@given(changed(_LIST))
def test_a_list_is_one_of_objects_with_names_or_an_error(body):
    try:
        found = answers.read_list(json.dumps(body).encode(), "GET /things")
    except OperatorError:
        return

    assert all(isinstance(each["metadata"]["name"], str) for each in found["items"])


def test_what_nests_without_end_is_no_object():
    with pytest.raises(OperatorError, match="is no JSON object"):
        answers.read_object(DEEP.encode(), "GET /things")


async def test_what_is_not_there_is_not_there(server, kube):
    server.status, server.content = 404, b"404 page not found"

    with pytest.raises(NotFoundError, match="404 page not found"):
        await kube.list_jobs("team", "a=b")
    assert await kube.get_training("team", "a") is None
