"""Who this process is among its peers, and how they find each other before they learn.

The peers of the roll call are threads here: to the sockets that is the same.
"""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mnist_trainer.errors import ConfigError, PeerLostError
from mnist_trainer.roll_call import call_roll
from mnist_trainer.schedule import Share
from mnist_trainer.workers import Workers, read_workers
from trainer.peers import HOST, free_addresses, places
from trainer.plans import a_plan

ALIKE = {"data": "d1", "parameters": "p1"}
LONG = 120.0


def _read(text, **more):
    return read_workers({"TF_CONFIG": text} | more)


def _config(cluster, kind, index):
    task = {"type": kind, "index": index}
    return json.dumps({"cluster": cluster, "task": task})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no-tf-config"),
        pytest.param("{}", id="nothing-in-it"),
        pytest.param(_config({}, "chief", 0), id="a-chief-without-cluster"),
        pytest.param(_config({"worker": ["a:1"]}, "worker", 0), id="one-worker"),
        pytest.param(_config({"chief": ["a:1"]}, "chief", 0), id="one-chief"),
        pytest.param(
            _config({"chief": ["a:1"], "worker": []}, "chief", 0), id="no-workers"
        ),
    ],
)
def test_a_process_alone_has_nobody_to_wait_for(text):
    assert Workers() == _read(text)
    assert 1 == _read(text).count


def test_the_first_worker_is_number_0_where_there_is_no_chief():
    addresses = ("a.ns.svc:2222", "b.ns.svc:2222")
    found = [_read(text) for text in places(worker=2, addresses=addresses)]

    assert [0, 1] == [one.number for one in found]
    assert {addresses} == {one.addresses for one in found}


@pytest.mark.parametrize("name", ["chief", "master"])
def test_the_chief_is_number_0_and_the_workers_come_after_it(name):
    cluster = {"worker": ["w0:2222", "w1:2222"], name: ["c:2222"]}
    found = [
        _read(_config(cluster, *task))
        for task in [(name, 0), ("worker", 0), ("worker", 1)]
    ]

    assert [0, 1, 2] == [one.number for one in found]
    assert ("c:2222", "w0:2222", "w1:2222") == found[2].addresses


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            _config({"ps": ["p:1"], "worker": ["w:1"]}, "worker", 0),
            "type ps: gradients are summed among the workers",
            id="a-parameter-server-beside-us",
        ),
        pytest.param(
            _config({}, "ps", 0), "type ps: gradients are", id="a-parameter-server"
        ),
        pytest.param(
            _config({"worker": ["w:1"], "evaluator": ["e:1"]}, "evaluator", 0),
            "type evaluator: the chief, or the first worker, evaluates",
            id="an-evaluator",
        ),
        pytest.param(
            _config({"worker": ["w:1"]}, "gardener", 0),
            "type gardener: there are only chief and worker",
            id="an-unknown-type",
        ),
        pytest.param(
            _config({"worker": ["w:1", "v:1"]}, "worker", 2),
            "worker 2, which its cluster does not have",
            id="more-than-there-are",
        ),
        pytest.param(
            _config({"chief": ["c:1"], "master": ["m:1"]}, "chief", 0),
            "there can be but one",
            id="two-chiefs",
        ),
        pytest.param(
            _config({"worker": ["a:1", "b"]}, "worker", 0),
            "the address 'b': give host:port",
            id="an-address-without-port",
        ),
        pytest.param('{"task": {"type": "worker"}}', "TF_CONFIG is", id="no-index"),
        pytest.param("[1]", "TF_CONFIG is", id="no-object"),
        pytest.param("{", "TF_CONFIG is", id="no-json"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused_with_a_reason(text, why):
    with pytest.raises(ConfigError, match=why):
        _read(text)


def test_patience_is_ten_minutes_unless_it_is_given():
    two = places(worker=2)[1]

    assert 600 == _read(two).patience
    assert 30 == _read(two, TRAINER_PEERS_TIMEOUT_SECONDS="30").patience


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "soon", "9999999"])
def test_other_patience_is_refused(given):
    with pytest.raises(ConfigError, match="TRAINER_PEERS_TIMEOUT_SECONDS is"):
        _read(places(worker=2)[0], TRAINER_PEERS_TIMEOUT_SECONDS=given)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_image_is_learned_from_once_an_epoch_by_all_workers_together(count):
    plans = [a_plan(101, share=Share(n, count), batchSize=10) for n in range(count)]
    for epoch in range(2):
        orders = [plan.order(epoch) for plan in plans]
        seen = [order.rows[order.counted == 1] for order in orders]

        assert list(range(101)) == sorted(np.concatenate(seen))
        assert 101 == orders[0].totals.sum()
        assert 1 == len({order.rows.shape for order in orders})


def _call(addresses, number, about=ALIKE, patience=LONG):
    """Answer the roll call, and return what came of it."""
    try:
        call_roll(Workers(tuple(addresses), number, patience), about)
    except (ConfigError, PeerLostError) as error:
        return error
    return "together"


def _call_all(addresses, abouts):
    with ThreadPoolExecutor(len(addresses)) as threads:
        calls = [
            threads.submit(_call, addresses, number, about)
            for number, about in enumerate(abouts)
        ]
        return [call.result() for call in calls]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_all_go_on_once_all_have_come(count):
    assert ["together"] * count == _call_all(free_addresses(count), [ALIKE] * count)


def test_all_refuse_when_one_is_about_to_do_something_else():
    told = _call_all(free_addresses(3), [ALIKE, ALIKE | {"data": "d2"}, ALIKE])

    assert [ConfigError] * 3 == [type(one) for one in told]
    assert 1 == len({str(one) for one in told})
    assert "worker 1 and worker 0 differ in their data: give all" in str(told[0])


def test_who_does_not_come_is_named_after_the_patience_of_those_who_did():
    addresses = free_addresses(3)
    with ThreadPoolExecutor(2) as threads:
        first, second = (
            threads.submit(_call, addresses, number, patience=1.0) for number in (0, 1)
        )

    assert isinstance(first.result(), PeerLostError)
    assert isinstance(second.result(), PeerLostError)
    assert f"1 of 3 workers did not come within 1 s, worker 2 ({addresses[2]})" in str(
        first.result()
    )
    assert f"worker 0 at {addresses[0]} did not call" in str(second.result())


def test_an_address_without_a_name_yet_is_asked_again():
    told = _call(["nobody.invalid:2222", "b:2222"], 1, patience=1.0)

    assert isinstance(told, PeerLostError)


def test_a_port_that_is_taken_is_refused_by_its_number():
    addresses = free_addresses(2)
    host, port = addresses[0].split(":")
    with socket.create_server((host, int(port))):
        told = _call(addresses, 0)

    assert isinstance(told, ConfigError)
    assert f"port {port}, which cannot be listened at" in str(told)


def _connect(address):
    """Connect as soon as somebody listens."""
    host, port = address.split(":")
    while True:
        try:
            return socket.create_connection((host, int(port)), LONG)
        except ConnectionRefusedError:
            threading.Event().wait(0.01)


@pytest.mark.parametrize(
    "words",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"[]\n",
        b'{"number": 0}\n',
        b'{"number": 9}\n',
        b'{"number": "one"}\n',
        b"\xff\xfe\n",
        b"[" * 4000,
        b"",
    ],
)
def test_strangers_are_not_counted(words):
    addresses = free_addresses(2)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(_call, addresses, 0)
        with _connect(addresses[0]) as stranger:
            stranger.sendall(words)
            stranger.shutdown(socket.SHUT_WR)
            assert "together" == threads.submit(_call, addresses, 1).result()

    assert "together" == first.result()


def test_a_worker_that_goes_again_is_waited_for():
    addresses = free_addresses(3)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(_call, addresses, 0)
        with _connect(addresses[0]) as early:
            early.sendall(json.dumps({"number": 1, "about": ALIKE}).encode() + b"\n")
        late = threads.submit(_call, addresses, 2)
        again = threads.submit(_call, addresses, 1)

    assert HOST in addresses[0]
    assert ["together"] * 3 == [one.result() for one in (first, late, again)]
