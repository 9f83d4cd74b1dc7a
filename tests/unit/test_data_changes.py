"""What differs is read, each file once; what is the same is not read at all."""

import hashlib

import pytest

from mnist_operator.data_changes import Shelf, examine, pick_images
from mnist_operator.datasets.files import Version
from mnist_operator.datasets.groups import choose
from unit.data_archives import dataset, pixels

PATH = "/data/mnist.npz"
OLD = dataset([(1, 0), (2, 1), (3, 1)], [(4, 0)]).getvalue()
NEW = dataset([(1, 0), (2, 2), (5, 1)], [(4, 0)]).getvalue()


class Commit:
    """A source in memory that remembers what was copied from it."""

    def __init__(self, name, files, *, hashed=True):
        self.name = name
        self.copied = []
        self._contents = files
        self.files = {
            path: Version(
                len(content),
                hashlib.sha1(content).hexdigest() if hashed else "",  # noqa: S324 - like pachd's: no digest of ours
            )
            for path, content in files.items()
        }

    async def copy(self, path, into):
        self.copied.append(path)
        into.write(self._contents[path])
        return hashlib.sha256(self._contents[path]).hexdigest()


@pytest.fixture(name="shelf")
def _shelf():
    with Shelf() as shelf:
        yield shelf


async def test_samples_are_compared_where_the_files_differ(shelf):
    before = Commit("A", {PATH: OLD, "/README": b"1", "/same": b"2"})
    after = Commit("B", {PATH: NEW, "/README": b"3", "/same": b"2"})

    found = await examine(before, after, "data/mnist.npz", shelf)

    assert ("", 1, 1, 1) == (
        found.reason,
        len(found.comparison.train.added),
        len(found.comparison.train.removed),
        len(found.comparison.train.relabelled),
    )
    assert ["/README", PATH] == [each.path for each in found.files.changed]
    assert hashlib.sha256(NEW).hexdigest() == found.files.changed[1].after.sha256
    assert ([PATH], [PATH]) == (before.copied, after.copied)


async def test_nothing_is_read_where_pachds_hashes_are_equal(shelf):
    before = Commit("A", {PATH: OLD, "/README": b"1"})
    after = Commit("B", {PATH: OLD, "/README": b"2"})

    found = await examine(before, after, "data/mnist.npz", shelf)

    assert (None, "the data are the same in both") == (
        found.comparison,
        found.reason,
    )
    assert ([], []) == (before.copied, after.copied)
    assert 1 == found.files.unchanged


async def test_of_a_folder_each_file_is_read_once(shelf):
    before = Commit("A", {"/data/a.npz": OLD, "/data/b.npz": OLD})
    after = Commit("B", {"/data/a.npz": OLD, "/data/b.npz": NEW})

    found = await examine(before, after, "data", shelf)

    assert (["/data/a.npz", "/data/b.npz"], ["/data/b.npz"]) == (
        before.copied,
        after.copied,
    )
    assert (6, 6) == (
        found.comparison.train.samples.before,
        found.comparison.train.samples.after,
    )


async def test_bytes_that_pachd_cut_in_another_way_are_no_change(shelf):
    before, after = Commit("A", {PATH: OLD}), Commit("B", {PATH: OLD})
    after.files[PATH] = Version(len(OLD), "another hash")

    found = await examine(before, after, "data/mnist.npz", shelf)

    assert found.files.same
    assert found.comparison.same


async def test_files_outside_of_pachyderm_are_read_to_be_compared(shelf):
    before = Commit("A", {PATH: OLD, "/a": b"12", "/b": b"12"}, hashed=False)
    after = Commit("B", {PATH: OLD, "/a": b"12", "/b": b"34"})

    found = await examine(before, after, "data/mnist.npz", shelf)

    assert ["/b"] == [each.path for each in found.files.changed]
    assert "the data are the same in both" == found.reason


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        pytest.param(
            {"/x.npz": OLD},
            "data/mnist.npz",
            "B: there is no .npz file at /data/mnist.npz, only /x.npz: name a file or a"
            " folder with --path",
            id="elsewhere",
        ),
        pytest.param({}, "data", "only nothing", id="empty"),
        pytest.param(
            {PATH: b"no archive"},
            "data/mnist.npz",
            f"B: {PATH}: it is no .npz archive (",
            id="no-archive",
        ),
        pytest.param(
            {"/data/names.npz": dataset(names=["a"]).getvalue()},
            "data",
            "B: no file holds images",
            id="no-images",
        ),
    ],
)
async def test_what_is_no_data_set_is_compared_by_files_alone(
    shelf, content, path, said
):
    before, after = Commit("A", {PATH: OLD}), Commit("B", content)

    found = await examine(before, after, path, shelf)

    assert found.comparison is None
    assert said in found.reason
    assert not found.files.same


async def test_more_than_anybody_would_download_is_not_downloaded(shelf):
    before, after = Commit("A", {PATH: OLD}), Commit("B", {PATH: NEW})
    after.files[PATH] = Version(5 << 30, "hash")

    found = await examine(before, after, "data/mnist.npz", shelf)

    assert f"B: {PATH} has {5 << 30} bytes, the limit is {4 << 30}" in found.reason
    assert ([], []) == (before.copied, after.copied)


async def test_what_did_not_arrive_whole_is_not_kept(shelf):
    class Broken(Commit):
        async def copy(self, path, into):
            await super().copy(path, into)
            if len(self.copied) == 1:
                raise OSError("no room")
            return "digest"

    source = Broken("A", {PATH: OLD})

    with pytest.raises(OSError, match="no room"):
        await shelf.fetch(source, PATH)

    assert "digest" == await shelf.sha256(source, PATH)
    assert len(OLD) == (await shelf.fetch(source, PATH)).tell()


async def test_images_are_picked_from_both_sides(shelf):
    before = Commit("A", {"/data/a.npz": OLD, "/data/b.npz": OLD})
    after = Commit("B", {"/data/a.npz": OLD, "/data/b.npz": NEW})
    found = (await examine(before, after, "data", shelf)).comparison

    sides = {"before": before, "after": after}
    images = await pick_images(sides, found, choose(found, 9), shelf)

    shown = {
        f"{group.kind} {tile.caption}": images[tile.key].content
        for group in choose(found, 9)
        for tile in group.tiles
    }
    assert {
        "added 1": pixels(5),
        "removed 1": pixels(3),
        "relabelled 1→2": pixels(2),
        "contradictory 1/2": pixels(2),
    } == shown
