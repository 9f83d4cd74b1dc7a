"""mnistctl verify of a branch that somebody else wrote to: what it tells of that."""

from dataclasses import replace

import pytest

from mnist_operator.cli.verify.strangers import Contents, tell_stranger
from mnist_operator.commits import File
from unit import mnistctl_records as records
from unit.mnistctl_witnesses import check_of, verified

FOREIGN = records.output_commit(5, description="somebody's")


def test_a_strangers_commit_is_told_and_how_the_model_is_the_head_again():
    found = verified(found={"branch": "vision/b@c", "passed": [FOREIGN]})

    check = check_of(found, "branch")

    told = "vision/b@c has newer commits that mnist-operator did not write: 1"
    assert told == check.details[0]
    assert check.details[1].startswith(f"{FOREIGN.id}, finished 2026-")
    assert "its files cannot be listed" in check.details[1]
    assert "The next model is published above that" in check.remedy
    head = f"--head {records.output_commit().id}, which deletes nothing"
    assert f"pachctl create branch --project vision b@c {head}" in check.remedy
    # The page shows no more than 400 characters of it.
    assert 350 > len(check.remedy)


def test_of_many_strangers_the_newest_are_told():
    passed = [replace(FOREIGN, id=f"{n:x}" * 32) for n in range(1, 6)]

    check = check_of(verified(found={"branch": "a/b@c", "passed": passed}), "branch")

    assert ["1", "2", "3"] == [each[0] for each in check.details[1:4]]
    assert "and 2 older ones" == check.details[4]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("", "no description"),
        ("\n \n", "no description"),
        ("hello", 'described "hello"'),
        ("hello\nworld", 'described "hello…"'),
        ("\x1b[31mred", 'described "\ufffd[31mred"'),
        ("x" * 81, f'described "{"x" * 80}…"'),
    ],
)
def test_what_a_stranger_says_is_one_safe_line(description, expected):
    told = tell_stranger(replace(FOREIGN, description=description), Contents())

    assert told.endswith(f", no file of its own, {expected}")


def test_the_files_of_a_stranger_are_those_that_it_changed():
    before = [File("/kept", 1, "1"), File("/changed", 1, "1"), File("/gone", 1, "1")]
    after = [File("/kept", 1, "1"), File("/changed", 1, "2"), File("/x\x1b", 1, "1")]

    told = tell_stranger(FOREIGN, Contents(after, before))
    many = tell_stranger(FOREIGN, Contents([File(f"/{n}", 1, "1") for n in range(5)]))

    assert "2 files: /changed, /x\ufffd, 1 of those before it deleted, desc" in told
    assert "5 files: /0, /1, /2, …, desc" in many
