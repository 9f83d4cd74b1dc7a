"""mnistctl diff of local files: what is said, with which status, without a network."""

import errno
import io
import json
import os
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mnist_operator import data_changes
from mnist_operator.cli.commands.diff import command
from unit.data_archives import dataset, npy, npz

BEFORE = [(n, n % 3) for n in range(30)]
AFTER = [(0, 2), *BEFORE[1:25], (0, 2), (50, 1), (50, 2)]


@pytest.fixture(name="folder")
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.npz").write_bytes(dataset(BEFORE, BEFORE[:3]).getvalue())
    Path("b.npz").write_bytes(
        dataset(
            AFTER, [*BEFORE[:3], (40, 1)], names=["coat", "shirt", "bag"]
        ).getvalue()
    )
    return tmp_path


def _ask(*arguments):
    answer = CliRunner().invoke(command, [str(each) for each in arguments])
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    return answer


def test_people_read_what_changed(folder):
    answer = _ask("a.npz", "b.npz")

    assert (0, "") == (answer.exit_code, answer.stderr)
    lines = answer.stdout.splitlines()
    assert "The data differ" == lines[0]
    assert "Train: 30 → 28 samples" in lines
    assert "  kept        24" in lines
    assert "  added       3" in lines
    assert "  removed     5" in lines
    assert "  relabelled  1: 0 → 2 (1)" in lines
    assert "  duplicates  0 → 1" in lines
    assert "  conflicting 0 → 1" in lines
    assert "Test: 3 → 4 samples" in lines
    assert "  leaked      3" in lines
    assert (
        "Note: 3 test images are among the train images in B: a test with them is no"
        " test"
    ) in lines
    assert "Note: 1 train image has several labels in B" in lines
    [row, _] = [each for each in lines if each.startswith("  1      shirt")]
    assert re.fullmatch(r"  1 +shirt +10 +9 +-1 +█{24}▌", row)


def test_programs_read_all_of_it(folder):
    answer = json.loads(_ask("a.npz", "b.npz", "-o", "json").stdout)
    again = yaml.safe_load(_ask("a.npz", "b.npz", "-o", "yaml").stdout)

    assert again == answer
    assert ("mnistctl/diff", 1, False) == (
        answer["kind"],
        answer["version"],
        answer["same"],
    )
    train = answer["samples"]["splits"]["train"]
    assert [{"from": 0, "to": 2, "count": 1}] == train["relabellings"]
    assert {"class": 1, "name": "shirt", "before": 10, "after": 9, "change": -1} == (
        train["classes"][1]
    )
    place = {"file": "/data/mnist.npz", "index": 0}
    assert [{"before": place | {"label": 0}, "after": place | {"label": 2}}] == (
        train["examples"]["relabelled"]
    )
    assert {"before": 3, "after": 3} == answer["samples"]["leaked"]


def test_examples_are_as_many_as_are_asked_for(folder):
    answer = json.loads(_ask("a.npz", "b.npz", "-o", "json", "--limit", 2).stdout)

    train = answer["samples"]["splits"]["train"]
    assert (5, 2) == (train["removed"], len(train["examples"]["removed"]))


def test_what_is_the_same_is_said(folder):
    answer = _ask("a.npz", "a.npz")

    assert 0 == answer.exit_code
    assert "The data are the same" in answer.stdout
    assert "No samples were compared: the data are the same in both" in answer.stdout


def test_the_same_samples_in_another_file(folder):
    Path("c.npz").write_bytes(dataset(BEFORE[::-1], BEFORE[:3]).getvalue())

    answer = _ask("a.npz", "c.npz")

    assert "Train: 30 samples, the same ones" in answer.stdout
    assert "CLASS" not in answer.stdout


@pytest.mark.parametrize(("name", "begin"), [("p.png", b"\x89PNG"), ("p.svg", b"<svg")])
def test_a_picture_is_drawn(folder, name, begin):
    answer = _ask("a.npz", "b.npz", "--picture", name)

    assert 0 == answer.exit_code
    assert Path(name).read_bytes().startswith(begin)


def test_there_is_no_picture_of_no_difference(folder):
    answer = _ask("a.npz", "a.npz", "--picture", "p.png")

    assert "Note: no picture was drawn: the data are the same in both" in answer.stdout
    assert not Path("p.png").exists()


def test_samples_are_shown_in_half_blocks(folder):
    image = bytes([255, 0, 255, 0, 255, 255])
    for name, samples in (("a", BEFORE), ("b", [*BEFORE, (image, 7)])):
        content = dataset(samples, shape=(3, 2))
        Path(f"{name}.npz").write_bytes(content.getvalue())

    lines = _ask("a.npz", "b.npz", "--show", "1").stdout.splitlines()

    at = lines.index("Train, added: 1")
    assert ["█", "▀▀", "7"] == lines[at + 1 : at + 4]


def test_folders_are_compared_as_commits(folder):
    for name, samples in (("old", BEFORE), ("new", AFTER)):
        data = folder / name / "data"
        data.mkdir(parents=True)
        (data / "one.npz").write_bytes(dataset(samples).getvalue())
        (data / "README").write_text(name)

    answer = json.loads(_ask("old", "new", "--path", "data", "-o", "json").stdout)

    assert ["/data/README", "/data/one.npz"] == [
        each["path"] for each in answer["files"]["changed"]
    ]
    assert 28 == answer["samples"]["splits"]["train"]["after"]


def test_a_file_is_compared_with_the_data_in_a_folder(folder):
    (folder / "commit" / "data").mkdir(parents=True)
    Path("commit/data/mnist.npz").write_bytes(Path("a.npz").read_bytes())
    Path("commit/README").write_text("not compared")

    same = _ask("commit", "a.npz")
    other = json.loads(_ask("commit", "b.npz", "-o", "json").stdout)
    in_a_folder = json.loads(
        _ask("commit", "b.npz", "--path", "/", "-o", "json").stdout
    )

    assert "The data are the same" in same.stdout
    assert ["/data/mnist.npz"] == [each["path"] for each in other["files"]["changed"]]
    assert [] == other["files"]["removed"]
    assert ["/b.npz"] == [each["path"] for each in in_a_folder["files"]["added"]]


def test_many_classes_and_files_are_cut_for_people(folder):
    for name, more in (("old", 0), ("new", 1)):
        (folder / name).mkdir()
        for number in range(30):
            (folder / name / f"{number:02}.txt").write_text("x" * (more + 1))
        samples = [(n, n) for n in range(40 + more)]
        (folder / name / "m.npz").write_bytes(dataset(samples).getvalue())

    lines = _ask("old", "new", "--path", "/").stdout.splitlines()

    assert "              and 11 more, see -o json" in lines
    assert "  and 21 more classes, see -o json" in lines


def test_images_of_another_size_are_noted(folder):
    Path("c.npz").write_bytes(dataset(BEFORE, shape=(2, 3)).getvalue())

    answer = _ask("a.npz", "c.npz")

    assert (
        "Note: images were 2 x 2 x 1 and are 2 x 3 x 1: no sample can be the same"
        in (answer.stdout)
    )


def test_many_relabellings_are_cut_for_people(folder):
    Path("c.npz").write_bytes(dataset([(n, n) for n in range(30)]).getvalue())

    answer = _ask("a.npz", "c.npz")

    [line] = [each for each in answer.stdout.splitlines() if "relabelled" in each]
    assert line.startswith("  relabelled  27: 0 → 3 (1), 0 → 6 (1)")
    assert line.endswith(", …")


def test_an_archive_that_lies_is_named_with_the_remedy(folder):
    x = npy(b"", shape=(10**9, 28, 28))
    Path("c.npz").write_bytes(npz(x_train=x, y_train=x).getvalue())

    answer = _ask("a.npz", "c.npz")

    assert 0 == answer.exit_code
    assert (
        "No samples were compared: c.npz: /data/mnist.npz: x_train claims 784000000000"
        " bytes of shape (1000000000, 28, 28) and holds 0: write the file anew"
    ) in answer.stdout


def test_a_disk_without_room_is_named(folder, monkeypatch):
    class Full(io.BytesIO):
        def write(self, content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(data_changes, "_SCRATCH", Full)

    answer = _ask("a.npz", "b.npz")

    assert (1, "", 1) == (answer.exit_code, answer.stdout, answer.stderr.count("\n"))
    assert "a copy of the data: No space left on device; name" in answer.stderr
    assert "a folder with room for the data in TMPDIR" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(
            ["a.npz", "b.npz", "--picture", "p.jpg"],
            2,
            "--picture p.jpg: end it with .png or .svg",
            id="another-picture",
        ),
        pytest.param(
            ["a.npz", "c.npz"], 2, "there is no local file of that name", id="missing"
        ),
        pytest.param(["a" * 300, "b.npz"], 2, "names no model; write", id="too-long"),
        pytest.param(
            ["a.npz", "b.npz", "--picture", "missing/p.png"],
            1,
            "missing/p.png: No such file or directory",
            id="nowhere-to-draw",
        ),
    ],
)
def test_what_cannot_be_answered_says_why(folder, arguments, status, said):
    answer = _ask(*arguments)

    assert (status, "") == (answer.exit_code, answer.stdout)
    assert said in answer.stderr
