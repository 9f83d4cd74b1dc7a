"""The benchmark's sums: means, medians, ratios, and who takes turns with whom."""

import json

import pytest

from bench.trainer import __main__ as program
from bench.trainer.contenders import CONTENDERS, LADDER, Run
from bench.trainer.figures import breakdown, climb, comparison, summarise


def _runs(*pairs, train=1.0):
    return [
        Run(accuracy=accuracy, wall=wall, parts={"train": train, "rest": wall - train})
        for accuracy, wall in pairs
    ]


RUNS = {
    "classic": _runs((0.87, 4.0), (0.89, 6.0), (0.88, 5.0)),
    "full": _runs((0.98, 40.0)),
    "fast": _runs((0.991, 5.0), (0.989, 4.0), (0.9911, 9.0)),
    "best": _runs((0.996, 30.0), (0.997, 32.0)),
}


def test_accuracies_are_means_and_times_medians():
    told = summarise(RUNS)

    assert {
        "accuracy": 0.99037,
        "worst": 0.989,
        "seconds": 5.0,
        "runs": 3,
        "ratio_to_classic": 1.0,
    } == told["fast"]
    assert 0.775 == told["best"]["ratio_to_full"]
    assert 0.88 == told["classic"]["accuracy"]


def test_without_its_rival_a_contender_has_no_ratio():
    told = summarise({"fast": RUNS["fast"]})

    assert ["fast"] == list(told)
    assert "ratio_to_classic" not in told["fast"]
    assert json.loads(json.dumps(told)) == told


def test_the_tables_name_everyone_and_every_part():
    table = comparison(RUNS, CONTENDERS)
    parts = breakdown(RUNS)

    assert ["Fast", "3", "99.04%", "98.90%", "5.00 s", "4.00 s", "1.00"] == table.rows[
        2
    ]
    assert ("", "classic", "full", "fast", "best") == parts.columns
    assert [["train", *["1.00"] * 4], ["rest", "4.00", "39.00", "4.00", "30.00"]] == (
        parts.rows
    )


def test_an_accuracy_is_reached_by_whoever_is_soonest():
    runs = {
        "fast-1": _runs((0.991, 2.0)),
        "fast-2": _runs((0.993, 3.0)),
        "best-4": _runs((0.9955, 6.0), train=3.5),
        "best-8": _runs((0.9951, 9.0)),
    }
    told = climb(runs, {each.name: each for each in LADDER}).figures

    assert {"seconds": 2.0, "training": 1.0, "by": "Fast, 1 epoch"} == told["99"]
    assert {"seconds": 6.0, "training": 3.5, "by": "Best, 4 epochs"} == told["99.5"]
    assert {} == told["99.7"]


def test_everyone_takes_turns_and_the_longest_only_twice():
    rounds = program.plan_rounds(list(CONTENDERS), rounds=5, full=2)
    names = [[each.name for each in contenders] for contenders in rounds]

    assert ["classic", "full", "fast", "best"] == names[0]
    assert ["full", "fast", "best", "classic"] == names[1]
    assert ["best", "classic", "fast"] == names[2]
    assert [4, 4, 3, 3, 3] == [len(each) for each in names]


def test_an_own_seed_for_each_round_and_the_same_archive_for_all(tmp_path):
    fast = CONTENDERS["fast"].command(tmp_path / "mnist.npz", tmp_path / "out", 3)
    classic = CONTENDERS["classic"].command(tmp_path / "mnist.npz", tmp_path / "out", 3)

    assert {"recipe": "Fast", "seed": 3} == json.loads(fast[-1])
    assert str(tmp_path / "mnist.npz") in fast
    assert [str(tmp_path / "mnist.npz"), "1000"] == classic[2:4]


@pytest.mark.parametrize("given", [{}, {"MNIST_NPZ": ""}, {"MNIST_NPZ": "/nowhere"}])
def test_without_mnist_it_says_what_to_do(given, capsys):
    assert 2 == program.main([], given)
    assert "set it to the path of MNIST's mnist.npz" in capsys.readouterr().err


def test_an_unknown_contender_is_refused_with_those_that_there_are(capsys):
    with pytest.raises(SystemExit):
        program.main(["--only", "fast,faster"], {})

    assert "no such contender: faster" in capsys.readouterr().err
