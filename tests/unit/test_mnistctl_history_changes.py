"""What a model is told to have changed since the one before it."""

import json
from datetime import timedelta

from mnist_operator.cli.history.histories import Row, change_accuracy, history_item
from mnist_operator.cli.history.lines import tell_change, tell_decision
from mnist_operator.cli.statements import read_statement
from mnist_operator.decisions import Decision, Entry
from mnist_operator.runs import canonical
from unit import mnistctl_records as records


def text(lines):
    return "\n".join(line.plain for line in lines)


def entry(number):
    return Entry(
        records.NOON + timedelta(hours=number),
        Decision.PUBLISHED,
        commit=f"{number:x}" * 32,
        attempt=1,
        run=f"{number:x}" * 32,
        output=f"{number:04x}" * 8,
    )


def statement(change=lambda value: None):
    """A record, changed."""
    _, content, _ = records.record()
    value = json.loads(content)
    change(value)
    return read_statement(canonical(value))


def item(before, after, *, number=2):
    """What is told of a model, by its own record and that of the one before it."""
    row = Row(entry(number), before=entry(number - 1))
    return history_item(row, after, before)


def told(found):
    return text(tell_decision(found)).splitlines()[-1].strip()


def keys(found):
    return [(each["key"], each["before"], each["after"]) for each in found["changes"]]


class TestChanges:
    def test_accuracy_is_compared_in_percentage_points(self):
        assert "+0.0012" == change_accuracy("0.9921", "0.9933")
        assert "+0.12 %p" == tell_change("+0.0012")
        assert "-1.50 %p" == tell_change(change_accuracy("0.9", "0.885"))
        assert None is change_accuracy("", "0.9933")
        assert "-" == tell_change(None)

    def test_the_first_model_has_nothing_to_be_compared_with(self):
        found = history_item(Row(entry(1)), statement(), None)

        assert (None, None, None, None) == (
            found["previousModelCommit"],
            found["accuracyChange"],
            found["dataEqual"],
            found["changes"],
        )
        assert 1 == len(text(tell_decision(found)).splitlines())

    def test_another_parameter_is_named_with_both_values(self):
        def twice(value):
            definition = value["predicate"]["buildDefinition"]
            definition["internalParameters"]["effective"]["epochs"] = 2

        found = item(statement(), statement(twice))

        assert [
            {"part": "parameters", "key": "epochs", "before": 1, "after": 2}
        ] == found["changes"]
        assert found["dataEqual"]
        assert "data: the same files" not in told(found)
        assert "parameters: epochs 1→2" == told(found)

    def test_another_commit_with_the_same_files_is_told_so(self):
        def pushed(value):
            [data, *_] = value["predicate"]["buildDefinition"]["resolvedDependencies"]
            data["annotations"]["commit"] = "7" * 32
            data["uri"] = f"pachyderm://default/inputrepo@{'7' * 32}"

        assert "data: another commit, the same files" == told(
            item(statement(), statement(pushed))
        )

    def test_other_files_are_counted_and_named(self):
        def changed(value):
            [data, *_] = value["predicate"]["buildDefinition"]["resolvedDependencies"]
            data["annotations"]["files"][0]["sha256"] = "8" * 64
            data["digest"] = {"sha256": "9" * 64}

        found = item(statement(), statement(changed))

        assert found["dataEqual"] is False
        assert "data: 1 file differs (data/mnist.npz)" == told(found)

    def test_other_code_is_told_by_the_beginnings_of_its_digests(self):
        def built(value):
            _, *others = value["predicate"]["buildDefinition"]["resolvedDependencies"]
            [image] = [each for each in others if each["name"] == "image"]
            [source] = [each for each in others if each["name"] == "source"]
            image["digest"]["sha256"] = "4" * 64
            source["digest"]["gitCommit"] = "5" * 40

        assert (
            "code: image 111111111111→444444444444, revision 9fceb02d0ae5→555555555555"
            == told(item(statement(), statement(built)))
        )

    def test_of_the_spec_is_told_what_is_not_told_elsewhere(self):
        def respecified(value):
            spec = value["predicate"]["buildDefinition"]["externalParameters"]["spec"]
            spec["trainer"]["args"] = ["--verbose"]
            spec["trainer"]["parameters"] = {"epochs": 9}

        found = item(statement(), statement(respecified))

        assert "spec: trainer.args default→['--verbose']" == told(found)
        assert "trainer.parameters.epochs" in {each["key"] for each in found["changes"]}

    def test_the_first_field_of_an_empty_object_is_all_that_is_told(self):
        def given(env):
            def change(value):
                spec = value["predicate"]["buildDefinition"]["externalParameters"]
                spec["spec"]["trainer"]["template"] = env

            return change

        some = given({"metadata": {"labels": {"team": "vision"}}})
        found = item(statement(given({})), statement(some))
        back = item(statement(some), statement(given({})))
        gone = item(statement(given({})), statement())

        key = "trainer.template.metadata.labels.team"
        assert [(key, None, "vision")] == keys(found)
        assert f"spec: {key} default→vision" == told(found)
        assert [(key, "vision", None)] == keys(back)
        assert [("trainer.template", {}, None)] == keys(gone)

    def test_where_nothing_is_another_it_is_said(self):
        assert "the same data, code and parameters" == told(
            item(statement(), statement())
        )

    def test_without_a_record_the_ledger_tells_what_it_can(self):
        found = item(statement(), None)

        assert ([("data", "commit")], False) == (
            [(each["part"], each["key"]) for each in found["changes"]],
            found["recordRead"],
        )
        assert "data: another commit; its lineage.json cannot be read" == told(found)

    def test_many_changes_are_counted(self):
        def many(value):
            effective = {f"p{n}": n for n in range(9)}
            value["predicate"]["buildDefinition"]["internalParameters"][
                "effective"
            ].update(effective)

        assert "p4 none→4, 4 more" in told(item(statement(), statement(many)))
