"""Which files count: the globs of spec.trigger.paths, and the digest over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.commits import File
from mnist_operator.contents import fingerprint, matches
from unit.builders import examples

_globs = pytest.mark.parametrize(
    ("glob", "under", "beside"),
    [
        pytest.param(
            "data/mnist.npz", "data/mnist.npz", "data/mnistXnpz", id="the path itself"
        ),
        pytest.param(
            "/data/mnist.npz",
            "data/mnist.npz",
            "data",
            id="a slash in front is the root",
        ),
        pytest.param(
            "*.npz", "mnist.npz", "data/mnist.npz", id="* stays in its folder"
        ),
        pytest.param(
            "data/*.npz", "data/mnist.npz", "data/old/mnist.npz", id="* in a folder"
        ),
        pytest.param("data/*", "data/.hidden", "data/old/x", id="* takes hidden files"),
        pytest.param("data/**", "data/old/mnist.npz", "database/x", id="** below it"),
        pytest.param("data/**", "data/mnist.npz", "data", id="** just below it"),
        pytest.param("**/x", "x", "ax", id="**/ is also no folder at all"),
        pytest.param("**/x", "a/b/x", "a/b/x/y", id="**/ is any folders"),
        pytest.param("a/**/x", "a/x", "a/bx", id="**/ in the middle"),
        pytest.param("a/**/x", "a/b/c/x", "b/a/x", id="it begins at the root"),
        pytest.param(
            "data/", "data/old/x", "data", id="a slash at the end: the folder"
        ),
        pytest.param("v?", "v1", "v10", id="? is one character"),
        pytest.param("v?x", "v1x", "v/x", id="? is no slash"),
        pytest.param("[ab].txt", "b.txt", "c.txt", id="one of these"),
        pytest.param("[!a]*", "bcd", "abc", id="none of these"),
        pytest.param("x[!a]y", "xby", "x/y", id="none of these, and no slash"),
        pytest.param("v[0-9]", "v7", "vx", id="a range"),
        pytest.param("v[+-9]x", "v.x", "v/x", id="a range over the slash: without it"),
        pytest.param("v[a-]", "v-", "vb", id="a hyphen at the end is one"),
        pytest.param("v[!9-0]", "v5", "v", id="nothing but that: anything"),
        pytest.param("[a[].txt", "[.txt", "b.txt", id="a bracket in brackets"),
        pytest.param("[!!]", "a", "!", id="an exclamation mark twice: not that"),
        pytest.param("[ab", "[ab", "a", id="a bracket that is not closed is one"),
        pytest.param("ab]", "ab]", "ab", id="a bracket that is not opened is one"),
        pytest.param("[]x", "[]x", "x", id="brackets around nothing are two"),
        pytest.param("[!]", "[!]", "a", id="brackets around ! are what they are"),
        pytest.param("a.b+c", "a.b+c", "aXbbc", id="no other character is special"),
    ],
)


@_globs
def test_a_glob_tells_what_is_under_it_from_what_is_not(glob, under, beside):
    assert matches(under, [glob])
    assert not matches(beside, [glob])


@pytest.mark.parametrize("path", ["README.md", "data/old/mnist.npz", ".hidden"])
def test_two_stars_alone_are_everything(path):
    assert matches(path, ["**"])


def test_a_range_that_runs_backwards_holds_nothing():
    assert not any(matches(f"v{c}", ["v[9-0]"]) for c in "0123456789-")


def test_one_glob_of_several_is_enough():
    assert matches("b/x", ["a/**", "b/**"])
    assert not matches("c/x", ["a/**", "b/**"])


def test_pachyderm_writes_paths_with_a_slash_in_front():
    assert matches("/data/mnist.npz", ["data/*.npz"])


@examples
@given(
    st.from_regex(r"[A-Za-z0-9_+*?\[\]!./-]{1,20}", fullmatch=True), st.text(max_size=9)
)
def test_every_glob_that_the_api_server_lets_through_can_be_used(glob, path):
    assert matches(path, [glob]) in {True, False}


_data = File("/data/mnist.npz", 10, "aa")
_readme = File("/README.md", 5, "bb")

_PATHS = ["data/**"]


@pytest.mark.parametrize(
    ("one", "other", "globs", "same"),
    [
        pytest.param([_data, _readme], [_readme, _data], [], True, id="in any order"),
        pytest.param([_data, _readme], [_data], [], False, id="a file more"),
        pytest.param(
            [_data, _readme],
            [_data],
            _PATHS,
            True,
            id="a file more that does not count",
        ),
        pytest.param(
            [_data],
            [File("/data/mnist.npz", 10, "cc")],
            _PATHS,
            False,
            id="other bytes",
        ),
        pytest.param(
            [_data], [File("/data/moved.npz", 10, "aa")], _PATHS, False, id="renamed"
        ),
        pytest.param([_readme], [], _PATHS, True, id="nothing that counts in either"),
    ],
)
def test_equal_digests_mean_equal_files(one, other, globs, same):
    assert same is (fingerprint(one, globs) == fingerprint(other, globs))
