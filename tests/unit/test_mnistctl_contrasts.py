"""Two records side by side: nothing that differs is passed over, nothing is trusted."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.history.contrasts import compare, is_same_data, take_apart
from mnist_operator.cli.history.pairs import Side, build_pair, pair_lines
from mnist_operator.cli.statements import Statement, read_statement
from mnist_operator.runs import canonical
from unit import mnistctl_records as records
from unit.builders import examples

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=6,
)


def record(change=lambda value: None):
    _, content, _ = records.record()
    value = json.loads(content)
    change(value)
    return read_statement(canonical(value))


def definition(value):
    return value["predicate"]["buildDefinition"]


def materials(value):
    return definition(value)["resolvedDependencies"]


def byproduct(value, name):
    found = value["predicate"]["runDetails"]["byproducts"]
    return next(each for each in found if each["name"] == name)


def differences(change, before=None):
    facts = take_apart(before or record()), take_apart(record(change))
    return [(each.part, each.key, each.before, each.after) for each in compare(*facts)]


class TestFacts:
    def test_a_record_differs_in_nothing_from_itself(self):
        assert [] == differences(lambda value: None)

    def test_every_part_has_its_place(self):
        parts = {part for part, _ in take_apart(record())}

        assert {
            *("data", "code", "parameters", "spec"),
            *("environment", "metrics", "output", "run"),
        } <= parts

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            pytest.param(
                lambda v: materials(v)[0]["annotations"].update(branch="dev"),
                ("data", "branch", "master", "dev"),
                id="input",
            ),
            pytest.param(
                lambda v: v["subject"][0]["digest"].update(sha256="f" * 64),
                ("output", "my_model.h5", records.sha256(b"model"), "f" * 64),
                id="a-published-file",
            ),
            pytest.param(
                lambda v: byproduct(v, "metrics")["annotations"].update(accuracy=0.5),
                ("metrics", "accuracy", "0.9933", "0.5000"),
                id="accuracy",
            ),
            pytest.param(
                lambda v: byproduct(v, "metrics")["annotations"].update(loss=1),
                ("metrics", "loss", 0.0213, 1),
                id="metrics",
            ),
            pytest.param(
                lambda v: byproduct(v, "pod")["annotations"].update(node="n2"),
                ("run", "node", "node-1", "n2"),
                id="where-it-ran",
            ),
            pytest.param(
                lambda v: definition(v)["internalParameters"].update(new={"a": [1]}),
                ("run", "new.a", None, [1]),
                id="a-key-of-a-newer-operator",
            ),
            pytest.param(
                lambda v: materials(v).append({"name": "base", "uri": "oci://base"}),
                ("base", "uri", None, "oci://base"),
                id="a-material-of-a-newer-operator",
            ),
        ],
    )
    def test_what_differs_is_told_with_both_values(self, change, expected):
        assert expected in differences(change)

    def test_several_images_are_told_apart(self):
        def other(value):
            [image] = [each for each in materials(value) if each["name"] == "image"]
            materials(value).append({**image, "digest": {"sha256": "7" * 64}})

        assert ("code", "imageSha256 (2)", None, "7" * 64) in differences(other)

    def test_what_a_reader_asks_for_first_comes_first(self):
        def everything(value):
            value["subject"][0]["digest"]["sha256"] = "f" * 64
            materials(value)[0]["annotations"]["commit"] = "7" * 32
            definition(value)["internalParameters"].update(attempt=9, effective={})
            materials(value).append({"name": "base", "uri": "oci://base"})

        parts = [part for part, *_ in differences(everything)]

        assert ["data", "parameters", "base", "run", "output"] == [
            *dict.fromkeys(parts)
        ]

    def test_data_without_a_digest_cannot_be_compared(self):
        whole = take_apart(record())
        without = take_apart(record(lambda v: materials(v)[0].pop("digest")))

        assert is_same_data(whole, whole)
        assert None is is_same_data(whole, without)

    @examples
    @given(_json, _json)
    def test_anything_can_be_compared(self, one, other):
        facts = [
            take_apart(
                Statement(
                    {
                        "subject": value,
                        "predicate": {
                            "buildDefinition": {
                                "resolvedDependencies": [value, {"annotations": value}],
                                "internalParameters": value,
                                "externalParameters": {"spec": value},
                            },
                            "runDetails": {"byproducts": [{"annotations": value}]},
                        },
                    }
                )
            )
            for value in (one, other)
        ]

        assert compare(*facts) == [] or facts[0] != facts[1]


class TestPair:
    def pair(self, change=lambda value: None):
        commit, *_ = records.record()
        found = records.found(commit)
        later = records.found(replace(commit, id="e" * 32))
        return build_pair(
            "team/mnist", Side(found, record()), Side(later, record(change))
        )

    def test_both_models_are_named(self):
        report = self.pair()

        shown = "\n".join(line.plain for line in pair_lines(report))

        assert f"  B           {'e' * 32}, finished 2026-03-31T12:01:00Z" in shown
        assert "  accuracy    +0.00 %p" in shown
        assert "  data        the same files" in shown
        assert [] == report["differences"]

    def test_where_the_data_differ_the_command_that_says_how_stands_last(self):
        def other(value):
            materials(value)[0]["digest"]["sha256"] = "f" * 64

        def elsewhere(value):
            other(value)
            spec = definition(value)["externalParameters"]["spec"]
            spec["input"]["path"] = "more data/"

        same, told, path = (
            [line.plain for line in pair_lines(self.pair(each))][-1]
            for each in (lambda _: None, other, elsewhere)
        )

        commit, *_ = records.record()
        models = f"model:{commit} model:{commit.repo}@{'e' * 32}"
        assert f"How the data differ: mnistctl diff {models}" == told
        assert path.endswith(f"{models} --path 'more data/'")
        assert "mnistctl" not in same

    def test_what_is_no_text_is_written_as_json(self):
        def args(value):
            spec = definition(value)["externalParameters"]["spec"]
            spec["trainer"]["args"] = ["-v", "ü"]
            definition(value)["internalParameters"]["effective"]["epochs"] = ""

        lines = [line.plain for line in pair_lines(self.pair(args))]

        assert any(line.endswith('["-v", "ü"]') for line in lines)
        assert any(line.split()[1:] == ["epochs", "1", "-"] for line in lines)

    def test_every_key_is_documented(self):
        root = Path(__file__).resolve().parents[2]
        told = (root / "docs" / "mnistctl" / "history.md").read_text()
        report = self.pair()

        keys = {*report, *report["before"], "part", "key"}

        assert set() == {key for key in keys if f"`{key}`" not in told}
