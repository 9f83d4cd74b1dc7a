"""Label selectors, as the API server reads them."""

import pytest

from mnist_operator.selectors import parse_selector

LABELS = {"team": "a", "example.com/tier": "gold", "empty": ""}


@pytest.mark.parametrize(
    ("text", "selects"),
    [
        pytest.param("", True, id="nothing-is-all"),
        pytest.param("  ", True, id="blanks-are-all"),
        pytest.param("team=a", True, id="equal"),
        pytest.param("team == a", True, id="equal-twice"),
        pytest.param("team=b", False, id="another-value"),
        pytest.param("team!=b", True, id="unequal"),
        pytest.param("team!=a", False, id="not-unequal"),
        pytest.param("other!=a", True, id="a-missing-label-is-unequal"),
        pytest.param("team in (b, a)", True, id="in-a-set"),
        pytest.param("team in (b)", False, id="not-in-a-set"),
        pytest.param("team notin (b,c)", True, id="outside-a-set"),
        pytest.param("other notin (b)", True, id="a-missing-label-is-in-no-set"),
        pytest.param("team", True, id="there"),
        pytest.param("other", False, id="not-there"),
        pytest.param("!other", True, id="absent"),
        pytest.param("! team", False, id="not-absent"),
        pytest.param("example.com/tier=gold,team", True, id="both"),
        pytest.param("team=a , other", False, id="not-both"),
        pytest.param("empty=", True, id="an-empty-value"),
        pytest.param("in in (in)", False, id="a-key-like-a-word"),
    ],
)
def test_labels_are_selected_as_kubernetes_does(text, selects):
    assert selects is parse_selector(text).selects(LABELS)


def test_an_object_without_labels_has_none():
    assert parse_selector("!team").selects(None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("team=a,", "''", id="a-comma-at-the-end"),
        pytest.param("team=a team=b", "'team=a team=b'", id="no-comma"),
        pytest.param("team>3", "'team>3'", id="no-operator"),
        pytest.param("team in (a/b)", "'a/b'", id="no-value"),
        pytest.param("team in a", "'team in a'", id="no-set"),
        pytest.param("a=b,-x=y", "'-x=y'", id="no-key"),
    ],
)
def test_what_is_no_selector_is_refused_with_the_place(text, told):
    with pytest.raises(ValueError, match="label") as caught:
        parse_selector(text)

    assert told in str(caught.value)
