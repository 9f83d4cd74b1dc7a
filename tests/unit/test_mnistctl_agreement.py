"""Three copies of one record: whatever one of them says differently is told."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli import screen
from mnist_operator.cli.comparison import find_disagreements
from mnist_operator.cli.reports import build_report
from mnist_operator.commits import File
from mnist_operator.runs import canonical
from unit import mnistctl_records as records
from unit.builders import examples


class TestAgreement:
    def _change(self, *, description=None, statement=None, metadata=None, files=None):
        """A record with one copy changed, and all digests made to fit."""
        commit, content, listed = records.record()
        if statement is not None:
            value = json.loads(content)
            statement(value)
            content = canonical(value)
        digest = records.sha256(content)
        described = json.loads(commit.description) | {"lineageSha256": digest}
        entries = {**commit.metadata, "lineage.sha256": digest}
        commit = replace(
            commit,
            description=canonical(described | (description or {})).decode(),
            metadata=entries | (metadata or {}),
        )
        return find_disagreements(commit, content, files or listed)

    def test_copies_that_agree_are_silent(self):
        assert [] == self._change()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("training", "team/other"),
            ("inputRepo", "default/other"),
            ("inputBranch", "other"),
            ("inputCommit", "6" * 32),
            ("run", "6" * 32),
            ("attempt", 2),
            ("tfjob", "other"),
            ("image", "other"),
            ("imageSha256", "6" * 64),
            ("specSha256", "6" * 64),
            ("accuracy", "0.9999"),
        ],
    )
    def test_another_identity_in_the_description_is_told(self, key, value):
        [told] = self._change(description={key: value})

        assert told.startswith(f"{key}: the description says {value}, /lineage.json")

    @pytest.mark.parametrize("key", sorted(records.record()[0].metadata))
    def test_another_value_in_the_index_is_told(self, key):
        [told] = self._change(metadata={key: "other"})

        assert told.startswith(f"{key}: the metadata map, which anyone may edit, says")

    def test_a_server_without_an_index_has_nothing_to_disagree_with(self):
        commit, content, files = records.record(metadata=False)

        assert [] == find_disagreements(commit, content, files)

    def test_another_digest_of_lineage_json_is_told(self):
        [told] = self._change(description={"lineageSha256": "6" * 64})

        assert "/lineage.json is not the one that the description names" in told

    def test_a_description_without_a_digest_is_told(self):
        commit, content, files = records.record()
        described = json.loads(commit.description)
        del described["lineageSha256"]
        commit = replace(commit, description=json.dumps(described))

        assert ["the description holds no digest of /lineage.json"] == (
            find_disagreements(commit, content, files)
        )

    def test_a_changed_spec_is_told(self):
        def change(value):
            definition = value["predicate"]["buildDefinition"]
            definition["externalParameters"]["spec"]["trainer"]["image"] = "other"

        assert ["/lineage.json holds another spec than its specSha256 names"] == (
            self._change(statement=change)
        )

    def test_an_input_named_twice_and_differently_is_told(self):
        def change(value):
            definition = value["predicate"]["buildDefinition"]
            definition["resolvedDependencies"][0]["uri"] = "pachyderm://a/b@c"

        [told] = self._change(statement=change)

        assert told.startswith("/lineage.json names two inputs: pachyderm://a/b@c and")

    def test_files_that_only_one_of_them_knows_are_told(self):
        files = [File("/my_model.h5", 5, ""), File("/extra", 1, "")]

        assert [
            "/run.json is in /lineage.json only",
            "/extra is not in /lineage.json",
        ] == self._change(files=files)

    def test_a_lineage_json_that_is_none_is_told(self):
        commit, _, files = records.record()

        assert "/lineage.json is no JSON object" in find_disagreements(
            commit, b"[]", files
        )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(value, path=()):
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, child in pairs:
        yield from _places(child, (*path, key))


STATEMENT = json.loads(records.record()[1])
PLACES = [place for place in _places(STATEMENT) if place]


@examples
@given(place=st.sampled_from(PLACES), value=_JSON)
def test_whatever_stands_in_lineage_json_is_told_and_never_breaks(place, value):
    commit, content, files = records.record()
    changed = json.loads(content)
    at = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value

    found = build_report(
        "x", records.found(commit), json.dumps(changed).encode(), files
    )

    assert not found["record"]["agrees"]
    for shown in (
        screen.serialize(found, "json"),
        screen.serialize(found, "yaml"),
        "\n".join(line.plain for line in screen.lineage_lines(found)),
    ):
        assert records.INPUT_COMMIT in shown
