"""How changes to files add up, as values: no server, no disk."""

import pytest

from contract.pfs.builders import a_change, a_tree
from local_cluster.pachd.records import Change
from local_cluster.pachd.trees import (
    applied,
    collision,
    composed,
    entries,
    file_path,
    tree_size,
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", "/a"),
        ("/a", "/a"),
        ("//a//b", "/a/b"),
        ("a/b/", "/a/b/"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_a_path_has_one_spelling(path, expected):
    assert expected == file_path(path)


APPEND, PUT, DELETE = (
    a_change("x"),
    a_change("y", replace=True),
    Change(replace=True),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([APPEND], "/a: old x", id="adding appends"),
        pytest.param([PUT], "/a: y", id="putting replaces"),
        pytest.param([DELETE], "", id="deleting removes"),
        pytest.param([DELETE, APPEND], "/a: x", id="adding after deleting"),
        pytest.param([APPEND, APPEND], "/a: old x x", id="adding twice"),
        pytest.param([APPEND, DELETE], "", id="deleting what was added"),
        pytest.param([PUT, APPEND], "/a: y x", id="adding to what was put"),
        pytest.param([APPEND, PUT], "/a: y", id="putting over what was added"),
    ],
)
def test_changes_do_the_same_together_as_one_by_one(changes, expected):
    one_by_one = a_tree("/a: old")
    together = None
    for change in changes:
        one_by_one = applied(one_by_one, {"/a": change})
        together = composed(together, change)

    assert a_tree(expected) == one_by_one
    assert one_by_one == applied(a_tree("/a: old"), {"/a": together})


def test_applying_leaves_the_tree_beneath_alone():
    tree = a_tree("/a: old")

    applied(tree, {"/a": DELETE})

    assert a_tree("/a: old") == tree


def test_an_empty_file_is_there():
    tree = applied({}, {"/a": Change(content=())})

    assert ["/a"] == list(tree)
    assert 0 == tree_size(tree)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(["/a", "/b/c"], None, id="a file and a folder"),
        pytest.param(["/a", "/a/b"], "/a/b", id="a file that is a folder"),
        pytest.param(["/a", "/a.b", "/a/b/c"], "/a/b/c", id="two levels below a file"),
        pytest.param(["/ab", "/a/b"], None, id="names that only begin alike"),
    ],
)
def test_a_path_cannot_be_a_file_and_a_folder(paths, expected):
    assert expected == collision(dict.fromkeys(paths, ()))


def test_a_folder_is_as_large_as_what_is_below_it():
    tree = a_tree("/a: one", "/dir/b: three", "/dir/sub/c: seventh")

    found = entries(tree, lambda content: content[0].digest.encode())

    assert ["/", "/a", "/dir/", "/dir/b", "/dir/sub/", "/dir/sub/c"] == list(found)
    assert 3 + 5 + 7 == found["/"].size
    assert 5 + 7 == found["/dir/"].size


def test_a_folders_hash_changes_with_any_file_below_it():
    one, other = (
        entries(a_tree(f"/dir/sub/c: {text}"), lambda c: c[0].digest.encode())
        for text in ("x", "y")
    )

    assert one["/"].hash != other["/"].hash
    assert one["/dir/"].hash != other["/dir/"].hash
