"""mnistctl diff: input commits in a pachd, compared by files and by samples."""

import pytest

from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import DeletePath, PutFile
from unit.data_archives import dataset

INPUT = Branch(Repo("default", "inputrepo"), "master")
PATH = "/data/mnist.npz"
OLD = dataset([(n, n % 3) for n in range(30)], [(90, 0)]).getvalue()
NEW = dataset(
    [(0, 2), *((n, n % 3) for n in range(1, 28)), (50, 1)], [(90, 0), (1, 1)]
).getvalue()


class Data:
    """An input repo that somebody pushes to."""

    def __init__(self, client):
        self.client = client

    async def push(self, *changes, branch=INPUT, finish=True, **how):
        commit = await self.client.start_commit(branch, description="pushed")
        await self.client.modify(branch.repo, commit, changes)
        if finish:
            await self.client.finish_commit(branch.repo, commit, **how)
            await self.client.commit(branch.repo, commit, wait_finished=True)
        return commit


@pytest.fixture(name="data")
async def _data(world):
    await world.client.create_repo(INPUT.repo)
    return Data(world.client)


@pytest.fixture(name="pair")
async def _pair(data):
    """Two commits: samples changed, a note came, another went, one stayed."""
    first = await data.push(
        PutFile(PATH, OLD), PutFile("/old.txt", b"1"), PutFile("/same.txt", b"2")
    )
    second = await data.push(
        DeletePath(PATH),
        PutFile(PATH, NEW),
        DeletePath("/old.txt"),
        PutFile("/new.txt", b"3"),
    )
    return first, second


async def test_what_changed_since_the_commit_before(pair, ask):
    first, second = pair

    answer = await ask("diff", "inputrepo@master^", "inputrepo@master")

    assert (0, "") == (answer.status, answer.err)
    lines = answer.out.splitlines()
    assert "The data differ" == lines[0]
    assert lines[1].startswith(f"  before      default/inputrepo@{first}, finished 20")
    assert lines[2].startswith(f"  after       default/inputrepo@{second}, finished 20")
    assert "  added       /new.txt (1 bytes)" in lines
    assert "  removed     /old.txt (1 bytes)" in lines
    assert f"  changed     {PATH} ({len(OLD)} → {len(NEW)} bytes)" in lines
    assert "  unchanged   1" in lines
    assert "Train: 30 → 29 samples" in lines
    assert "  relabelled  1: 0 → 2 (1)" in lines
    assert "Test: 1 → 2 samples" in lines
    assert "  leaked      0 → 1" in lines


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda commit: commit, id="an-id"),
        pytest.param(lambda commit: commit[:12], id="its-beginning"),
        pytest.param(lambda commit: f"default/inputrepo@{commit}", id="in-its-repo"),
        pytest.param(lambda commit: f"inputrepo@master={commit[:8]}", id="a-branch"),
    ],
)
async def test_a_commit_can_be_named_in_many_ways(pair, ask, write):
    first, second = pair

    answer = await ask("diff", write(first), write(second), "-o", "json")

    assert (0, "") == (answer.status, answer.err)
    assert [first, second] == [
        answer.json[side]["commit"] for side in ("before", "after")
    ]
    [changed] = answer.json["files"]["changed"]
    assert [len(OLD), len(NEW)] == [
        changed[side]["size"] for side in ("before", "after")
    ]
    assert all(len(changed[side]["sha256"]) == 64 for side in ("before", "after"))
    assert changed["before"]["hash"] != changed["after"]["hash"]
    train = answer.json["samples"]["splits"]["train"]
    assert (1, 2, 1, 27) == tuple(
        train[each] for each in ("added", "removed", "relabelled", "kept")
    )


async def test_the_same_data_are_not_read(data, ask):
    await data.push(PutFile(PATH, b"nobody could read this"))
    await data.push(PutFile("/note.txt", b"1"))

    answer = await ask("diff", "inputrepo@master^", "inputrepo@master", "-o", "json")

    assert (0, None) == (answer.status, answer.json["samples"])
    assert "the data are the same in both" == answer.json["reason"]
    assert ["/note.txt"] == [each["path"] for each in answer.json["files"]["added"]]
    assert not answer.json["same"]


async def test_what_is_no_data_set_is_compared_by_its_files(data, ask):
    await data.push(PutFile(PATH, OLD))
    await data.push(DeletePath(PATH), PutFile(PATH, b"<html>"))

    answer = await ask("diff", "inputrepo@master^", "inputrepo@master")

    assert (0, "") == (answer.status, answer.err)
    [line] = [each for each in answer.out.splitlines() if "No samples" in each]
    assert f"{PATH}: it is no .npz archive (" in line
    assert line.endswith("write it with numpy.savez")


async def test_the_data_of_a_model_are_compared_with_those_of_today(world, pair, ask):
    first, second = pair
    entry = await world.publish(input_commit=first)

    answer = await ask("diff", "model:outputrepo@master", "inputrepo@master")
    of_both = await ask("diff", f"model:{entry.output}", second, "-o", "json")

    assert (0, "") == (answer.status, answer.err)
    model = f"the data of model default/outputrepo@{entry.output}"
    assert answer.out.splitlines()[1].endswith(model)
    assert "Train: 30 → 29 samples" in answer.out
    assert f"default/outputrepo@{entry.output}" == of_both.json["before"]["model"]
    assert None is of_both.json["after"]["model"]


async def test_a_commit_is_compared_with_a_local_file(pair, ask, tmp_path):
    file = tmp_path / "mine.npz"
    file.write_bytes(OLD)

    same = await ask("diff", "inputrepo@master^", str(file))
    other = await ask("diff", str(file), "inputrepo@master", "-o", "json")

    assert "The data are the same" in same.out
    assert (29, [PATH]) == (
        other.json["samples"]["splits"]["train"]["after"],
        [each["path"] for each in other.json["files"]["changed"]],
    )


async def test_files_below_a_folder_are_one_data_set(data, ask):
    parts = [dataset([(n, n % 2)]).getvalue() for n in range(4)]
    await data.push(*(PutFile(f"/many/{n}.npz", parts[n]) for n in range(3)))
    await data.push(PutFile("/many/3.npz", parts[3]), DeletePath("/many/0.npz"))

    answer = await ask(
        "diff", "inputrepo@master^", "inputrepo@master", "--path=many", "-o", "json"
    )

    train = answer.json["samples"]["splits"]["train"]
    assert (3, 3, 1, 1) == tuple(
        train[each] for each in ("before", "after", "added", "removed")
    )
    assert [{"file": "/many/3.npz", "index": 0, "label": 1}] == (
        train["examples"]["added"]
    )


async def test_a_picture_is_drawn_and_samples_are_shown(pair, ask, tmp_path):
    picture = tmp_path / "change.svg"

    answer = await ask(
        "diff", *pair, "--picture", str(picture), "--show", "1", "--limit", "1"
    )

    assert (0, "") == (answer.status, answer.err)
    assert f"default/inputrepo@{pair[0][:12]}" in picture.read_text()
    assert "removed: 2, the first 1" in picture.read_text()
    assert "Train, removed: 2, the first 1" in answer.out


async def test_another_repo_can_be_the_one_of_bare_ids(world, data, ask):
    other = Branch(Repo("default", "digits"), "main")
    await world.client.create_repo(other.repo)
    commit = await data.push(PutFile(PATH, OLD), branch=other)

    answer = await ask("diff", commit, "digits@main", "--input-repo", "digits")

    assert (0, "") == (answer.status, answer.err)
    assert "The data are the same" in answer.out


# --- no answer ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("inputrepo@other", "there is no default/inputrepo@other: name another branch"),
        ("norepo@master", "there is no repo default/norepo"),
        ("f" * 32, f"default/inputrepo has no commit {'f' * 32}"),
        ("inputrepo@master^7", "there are no 7 finished commits before"),
    ],
)
async def test_what_is_not_there_is_said(pair, ask, reference, said):
    answer = await ask("diff", reference, "inputrepo@master")

    assert (3, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert said in answer.err


async def test_the_data_of_a_model_may_be_gone(world, data, ask):
    await data.push(PutFile(PATH, OLD))
    await world.publish(input_commit="7" * 32)

    answer = await ask("diff", "model:outputrepo@master", "inputrepo@master")

    assert (3, "") == (answer.status, answer.out)
    assert f"was default/inputrepo@{'7' * 32}, which is not there any more" in (
        answer.err
    )


async def test_a_commit_must_be_finished(data, ask):
    await data.push(PutFile(PATH, OLD))
    broken = await data.push(PutFile(PATH, OLD), finish=True, error="gave up")
    is_open = await data.push(PutFile(PATH, NEW), finish=False)

    of_open = await ask("diff", "inputrepo@master", is_open)
    of_broken = await ask("diff", "inputrepo@master", broken)

    assert (1, "") == (of_open.status, of_open.out)
    assert f"{is_open} is not finished yet: ask again when it is" in of_open.err
    assert (1, "") == (of_broken.status, of_broken.out)
    assert f"{broken} was finished with an error (gave up)" in of_broken.err


async def test_a_pachd_that_is_gone_is_named(tmp_path, ask):
    answer = await ask("diff", "inputrepo@a", "inputrepo@b", "--address", "localhost:1")

    assert (1, "") == (answer.status, answer.out)
    assert "pachd at localhost:1 does not answer" in answer.err
