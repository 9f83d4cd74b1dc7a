"""What a backend says about a refusal: its words, one short line, and no secrets."""

import pytest

from mnist_operator.complaints import hide, read_complaint, read_secrets


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b'{"code":3,"message":"no ID"}', "no ID", id="a-status-of-otlp"),
        pytest.param(b'{"error":"Bad Request"}', "Bad Request", id="another-form"),
        pytest.param(b'{"message":"","error":"why"}', "why", id="an-empty-message"),
        pytest.param(b'{"message":{"a":1}}', "", id="a-message-that-is-no-text"),
        pytest.param(b"[1]", "", id="no-object"),
        pytest.param(b" invalid token\n", "invalid token", id="text"),
        pytest.param(b"<html><p>502</p></html>", "", id="a-page-of-a-proxy"),
        pytest.param(b"\x1f\x8b\x08\xff", "", id="no-text-at-all"),
    ],
)
def test_the_words_of_a_refusal_are_found(body, words):
    assert words == read_complaint(body)


def test_words_are_one_line_of_two_hundred_characters_that_harm_nobody():
    assert "a b \ufffd[31m c" == hide("a\r\nb \x1b[31m\tc", [])
    assert "x" * 200 == hide("x" * 200, [])
    assert "x" * 199 + "…" == hide("x" * 201, [])


@pytest.mark.parametrize(
    ("url", "headers", "said"),
    [
        pytest.param("http://hub", {"A": "Bearer word1"}, "word1", id="bearer"),
        pytest.param("http://hub", {"A": "Bearer word1"}, "Bearer word1", id="header"),
        pytest.param("http://hub", {"X-Key": "word1"}, "word1", id="key"),
        pytest.param("http://me:word1@hub", {}, "word1", id="password"),
        pytest.param("http://me:w%3Ard@hub", {}, "w:rd", id="password-with-signs"),
        pytest.param("http://me:word1@hub", {}, "bWU6d29yZDE=", id="basic"),
        pytest.param("http://hub/?token=word1", {}, "word1", id="query"),
    ],
)
def test_what_signs_in_is_not_repeated(url, headers, said):
    told = hide(f"who is {said}?", read_secrets(url, headers))

    assert "who is <secret>?" == told


def test_a_secret_at_the_end_of_what_is_told_is_not_cut_in_two():
    told = hide("x" * 195 + "a-long-secret", ["a-long-secret"])

    assert "x" * 195 + "<sec…" == told


def test_short_values_are_no_secrets():
    assert "span 1 of 10" == hide(
        "span 1 of 10", read_secrets("http://hub", {"T": "1"})
    )
