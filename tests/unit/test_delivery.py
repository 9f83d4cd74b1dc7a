"""What an answer of a backend comes to, and what an address is."""

import pytest

from mnist_operator.delivery import (
    Answer,
    is_web_address,
    read_answer,
    read_retry_after,
    show_place,
)

DATE = "Thu, 01 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, 0, id="none"),
        pytest.param({"Retry-After": "30"}, 30, id="seconds"),
        pytest.param({"Retry-After": " 0 "}, 0, id="at-once"),
        pytest.param({"Retry-After": "9" * 400}, 1e6, id="for-ever"),
        pytest.param({"Retry-After": "-3"}, 0, id="no-number"),
        pytest.param({"Retry-After": "soon"}, 0, id="no-date"),
        pytest.param(
            {"Retry-After": "Thu, 01 Jan 2026 12:01:30 GMT", "Date": DATE},
            90,
            id="date-after-its-own",
        ),
        pytest.param(
            {"Retry-After": "Thu, 01 Jan 2026 11:00:00 GMT", "Date": DATE},
            0,
            id="date-that-is-over",
        ),
        pytest.param(
            {"Retry-After": "Thu, 01 Jan 2026 12:01:30 GMT"}, 0, id="date-alone"
        ),
    ],
)
def test_a_backend_says_how_long_it_wants_to_be_left_alone(headers, seconds):
    assert seconds == read_retry_after(headers)


@pytest.mark.parametrize(
    ("status", "again", "answer"),
    [
        pytest.param(200, False, Answer(body=b"{}"), id="taken"),
        pytest.param(202, True, Answer(body=b"{}"), id="accepted"),
        pytest.param(
            400, False, Answer("HTTP 400", again=False, body=b"{}"), id="refused"
        ),
        pytest.param(
            503, True, Answer("HTTP 503", again=True, after=7.0, body=b"{}"), id="busy"
        ),
    ],
)
def test_an_answer_is_a_problem_or_none(status, again, answer):
    assert answer == read_answer(status, {"Retry-After": "7"}, b"{}", again=again)


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        pytest.param("http://collector:4318", True, id="http"),
        pytest.param("https://[fd00::1]:4318/otlp", True, id="ipv6"),
        pytest.param("collector:4318", False, id="no-scheme"),
        pytest.param("grpc://collector:4317", False, id="grpc"),
        pytest.param("http://:4318", False, id="no-host"),
        pytest.param("http://collector:0", False, id="no-port"),
        pytest.param("http://collector:port", False, id="a-word-for-a-port"),
        pytest.param("http://[fd00::1", False, id="half-an-address"),
    ],
)
def test_an_address_of_the_web_has_a_scheme_and_a_host(url, usable):
    assert usable is is_web_address(url)


def test_a_password_is_not_shown():
    assert "http://hub:1" == show_place("http://me:word@hub:1/v1/traces?token=x")
