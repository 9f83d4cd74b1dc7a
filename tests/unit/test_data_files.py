"""Files of two commits are told apart by what pachd, or a digest, says of them."""

import pytest

from mnist_operator.datasets.files import (
    FileChange,
    Version,
    compare_files,
    data_paths,
)

OLD, NEW = Version(5, "aa"), Version(5, "bb")


def test_files_are_sorted_by_what_became_of_them():
    before = {"/b": OLD, "/a": OLD, "/gone": OLD}
    after = {"/a": OLD, "/b": NEW, "/come": NEW}

    found = compare_files(before, after)

    assert (FileChange("/come", None, NEW),) == found.added
    assert (FileChange("/gone", OLD, None),) == found.removed
    assert (FileChange("/b", OLD, NEW),) == found.changed
    assert (1, False) == (found.unchanged, found.same)
    assert compare_files(after, after).same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(Version(5, "aa"), Version(5, "aa"), True, id="hash"),
        pytest.param(Version(5, "aa"), Version(5, "bb"), False, id="other-hash"),
        pytest.param(Version(5, "aa"), Version(6, "bb"), False, id="other-size"),
        pytest.param(
            Version(5, "aa", "c"), Version(5, "bb", "c"), True, id="cut-otherwise"
        ),
        pytest.param(Version(5, "", "c"), Version(5, "aa", "c"), True, id="digest"),
        pytest.param(
            Version(5, "", "c"), Version(5, "", "d"), False, id="other-digest"
        ),
        pytest.param(Version(5), Version(5, "aa"), None, id="nobody-knows"),
        pytest.param(Version(5, "", "c"), Version(5), None, id="nobody-has-read-it"),
    ],
)
def test_when_two_files_are_the_same(one, other, same):
    assert same is one.equals(other)
    assert same is other.equals(one)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data/mnist.npz", ["/data/mnist.npz"]),
        ("/data/mnist.npz", ["/data/mnist.npz"]),
        ("other.npz", []),
        ("data", ["/data/a/z.npz", "/data/mnist.npz"]),
        ("data/", ["/data/a/z.npz", "/data/mnist.npz"]),
        ("dat", []),
        ("/", ["/data/a/z.npz", "/data/mnist.npz", "/x.npz"]),
    ],
)
def test_a_data_set_is_a_file_or_all_archives_below_a_folder(path, found):
    names = ["/x.npz", "/data/mnist.npz", "/data/a/z.npz", "/data/README.md"]

    assert found == data_paths(dict.fromkeys(names, OLD), path)
