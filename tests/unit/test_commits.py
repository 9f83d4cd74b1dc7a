"""The nouns of Pachyderm: how they are written, and a commit's four states."""

from datetime import UTC, datetime

import pytest

from mnist_operator.commits import Branch, Commit, CommitState, File, Repo

_REPO = Repo("default", "inputrepo")
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def a_commit(**fields):
    wanted = {
        "id": "c1",
        "repo": _REPO,
        "parent": None,
        "description": "",
        "started": _NOON,
    }
    return Commit(**(wanted | fields))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, CommitState.OPEN, id="just-started"),
        pytest.param({"finishing": _NOON}, CommitState.FINISHING, id="being-finished"),
        pytest.param(
            {"finishing": _NOON, "error": "bad data"},
            CommitState.FINISHING,
            id="given-up-but-not-finished-yet",
        ),
        pytest.param(
            {"finishing": _NOON, "finished": _NOON}, CommitState.FINISHED, id="finished"
        ),
        pytest.param(
            {"finishing": _NOON, "finished": _NOON, "error": "bad data"},
            CommitState.ERRORED,
            id="finished-with-an-error",
        ),
    ],
)
def test_a_commit_tells_how_far_it_has_come(fields, expected):
    assert expected is a_commit(**fields).state


@pytest.mark.parametrize(
    ("project", "command"),
    [
        ("default", "(pachctl finish commit digits@c1), or drop it"),
        ("team", "(pachctl finish commit digits@c1 --project team), or drop it"),
    ],
)
def test_a_head_that_somebody_holds_open_is_told_with_the_way_past_it(project, command):
    repo = Repo(project, "digits")

    told = a_commit(repo=repo).held_open(Branch(repo, "master"))

    begins = f"commit c1 on {project}/digits@master is held open by somebody else"
    assert f"{begins} since 2026-01-01 12:00 UTC; finish it {command}" == told


def test_names_read_as_pachctl_takes_them():
    assert "default/inputrepo" == str(_REPO)
    assert "default/inputrepo@master" == str(Branch(_REPO, "master"))
    assert "default/inputrepo@c1" == str(a_commit())


def test_the_metadata_map_is_no_part_of_a_commits_identity():
    assert a_commit() == a_commit(metadata={"anyone": "may edit this"})
    assert hash(a_commit()) == hash(a_commit(metadata={"a": "b"}))


def test_a_file_is_its_path_size_and_hash():
    assert File("/a", 3, "00ff") == File(path="/a", size=3, hash="00ff")
