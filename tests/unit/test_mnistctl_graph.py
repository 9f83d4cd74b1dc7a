"""What came from what: how records become a graph, and where they disagree."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from mnist_operator import runs, warm_start
from mnist_operator.cli.graph.claims import Record
from mnist_operator.cli.graph.dot import dot_text
from mnist_operator.cli.graph.graph import (
    Direction,
    Edge,
    Graph,
    Kind,
    Node,
    Role,
    join,
)
from mnist_operator.cli.graph.records import build_commit, build_record, name_causes
from mnist_operator.cli.graph.up import Grown, climb
from mnist_operator.cli.graph.views import build_graph_report, tree_lines
from mnist_operator.commits import Commit, Repo
from mnist_operator.errors import DeniedError
from mnist_operator.lineage import read_model
from unit import mnistctl_records as records

INPUT = f"default/inputrepo@{records.INPUT_COMMIT}"
RUN = f"default/outputrepo_runs@{records.STAGING}"
OTHER = "6" * 32


def a_commit(name, *, minutes=-60, **values):
    repo, _, commit = name.partition("@")
    project, _, last = repo.partition("/")
    started = records.NOON + timedelta(minutes=minutes)
    return Commit(
        commit, Repo(project, last), None, "", started, finished=started, **values
    )


def a_run(**changes):
    """The run's own commit: its description says what it was given."""
    attempt = runs.new_attempt(
        records.TRAINING,
        records.INPUT_COMMIT,
        1,
        records.asked()["specSha256"],
        opened=records.NOON,
    )
    described = runs.describe_attempt(replace(attempt, **changes))
    return replace(a_commit(RUN, minutes=-10), description=described)


def a_record(evidence=None, *, run=True, provenance=(), causes=None, **changes):
    commit, content, files = records.record(evidence)
    commit = replace(commit, provenance=tuple(provenance))
    found = {INPUT: a_commit(INPUT)} if causes is None else causes
    run = a_run(**changes) if run else None
    model = read_model(commit)
    return Record(commit, model, content, files, run=run, causes=found)


def begun_from(model):
    """Evidence of a run that began from a model."""
    asked = records.asked()
    asked["spec"]["trainer"]["warmStart"] = True
    asked["specSha256"] = runs.digest(asked["spec"])
    asked["warmStart"] = warm_start.offer(asked["spec"]["output"], model)
    begun = {"bucket": "b", "path": "/my_model.h5", "sha256": "ab" * 32}
    return replace(records.evidence(warmStart=begun), attempt=asked)


def faults(record):
    return build_record(record).nodes[record.name].disagreements


def chain(*names, role=Role.DATA):
    """Each one went into the next."""
    edges = [Edge(a, b, role) for a, b in pairwise(names)]
    return Graph({name: Node(name, Kind.COMMIT) for name in names}, tuple(edges))


class TestRecord:
    def test_every_copy_that_says_so_stands_at_the_edge(self):
        here = (Repo("default", "inputrepo"), records.INPUT_COMMIT)
        graph = build_record(a_record(provenance=[here]))

        [edge] = [each for each in graph.edges if each.role is Role.DATA]
        assert (INPUT, RUN) == (edge.source, edge.target)
        assert ("description", "lineage.json", "metadata", "run", "pachd") == (
            edge.said_by
        )

    def test_image_and_source_are_above_the_run(self):
        graph = join([build_record(a_record())])
        above = graph.reach(RUN, Direction.UP).nodes

        assert {
            INPUT,
            RUN,
            f"{records.IMAGE}@sha256:{records.IMAGE_SHA256}",
            f"git+https://example.org/mnist@{records.REVISION}",
        } == set(above)

    def test_a_whole_record_has_nothing_to_disagree_on(self):
        assert () == faults(a_record())

    def test_what_went_in_is_to_be_looked_up(self):
        assert [INPUT, f"default/outputrepo@{OTHER}"] == name_causes(
            a_record(begun_from(OTHER), begins_from=OTHER)
        )

    def test_a_cause_that_is_gone_stays_as_a_node(self):
        graph = build_record(a_record(causes={INPUT: None}, run=False))

        assert (False, False) == (graph.nodes[INPUT].exists, graph.nodes[RUN].exists)
        assert () == graph.nodes[f"default/outputrepo@{'0001' * 8}"].disagreements


class TestForgery:
    def test_another_input_in_pachds_provenance_is_told_and_drawn(self):
        record = a_record(provenance=[(Repo("default", "inputrepo"), OTHER)])
        graph = build_record(record)

        assert (
            f"the description says it learned from {INPUT}, pachd:"
            f" default/inputrepo@{OTHER}"
        ) in faults(record)
        assert (f"default/inputrepo@{OTHER}", record.name, Role.PROVENANCE) in {
            edge.key for edge in graph.edges
        }

    def test_another_input_in_the_run_is_told_and_drawn(self):
        record = a_record(commit=OTHER)

        [told] = faults(record)
        assert f"its run was started on {OTHER}" in told
        assert f"default/inputrepo@{OTHER}" in name_causes(record)

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"training": "team/other"}, "its run of team/other"),
            ({"begins_from": ""}, "its run was given no model"),
            ({"begins_from": "7" * 32}, f"its run was given {'7' * 32}"),
        ],
        ids=["training", "began-anew", "began-elsewhere"],
    )
    def test_what_the_run_says_otherwise_is_told(self, changes, told):
        record = a_record(begun_from(OTHER), **{"begins_from": OTHER, **changes})

        assert [told] == [each[-len(told) :] for each in faults(record)]

    def test_a_run_that_is_none_is_told(self):
        record = replace(a_record(), run=a_commit(RUN))

        assert [f"the description names {RUN}, which is no run"] == [*faults(record)]

    def test_data_that_is_younger_than_its_model_is_told(self):
        record = a_record(causes={INPUT: a_commit(INPUT, minutes=5)})

        [told] = faults(record)
        assert told.startswith(f"{INPUT} is said to have gone into it")

    def test_another_input_in_an_edited_index_is_an_edge_of_its_own(self):
        record = a_record()
        wrong = {**record.commit.metadata, "input.commit": OTHER}
        record = replace(record, commit=replace(record.commit, metadata=wrong))
        said = {
            edge.source: edge.said_by
            for edge in join([build_record(record)]).edges
            if edge.role is Role.DATA
        }

        assert {
            INPUT: ("description", "lineage.json", "run"),
            f"default/inputrepo@{OTHER}": ("metadata",),
        } == said

    def test_models_that_came_from_each_other_are_told(self):
        graph = join([chain("a", "b", "c", "b"), chain("z", "a")]).checked()

        assert {"b", "c"} == {n.id for n in graph.nodes.values() if n.disagreements}

    def test_a_circle_ends_as_a_tree_all_the_same(self):
        graph = chain("a", "b", "a").checked()
        report = build_graph_report("a", "a", Direction.DOWN, Grown(graph), depth=9)
        lines = [line.plain for line in tree_lines(graph, "a", Direction.DOWN, report)]

        assert "   └─ was read by commit a (see above)" == lines[-1]
        assert not report["agrees"]


class TestGraph:
    def test_only_what_is_reached_is_kept(self):
        graph = join([chain("a", "b", "c"), chain("x", "b"), chain("b", "y")])

        assert {"a", "x", "b"} == set(graph.reach("b", Direction.UP).nodes)
        assert {"b", "c", "y"} == set(graph.reach("b", Direction.DOWN).nodes)

    def test_a_commit_that_turns_out_to_be_a_model_is_one(self):
        commit = records.record()[0]
        named = Node(str(commit), Kind.COMMIT, {"state": None}, exists=None)
        seen = build_commit(str(commit), commit)

        [node] = join([Graph({n.id: n}) for n in (named, seen)]).nodes.values()
        assert (Kind.MODEL, True) == (node.kind, node.exists)
        assert ("team/mnist", "Finished") == (
            node.facts["training"],
            node.facts["state"],
        )


class TestViews:
    def _told(self, record, direction=Direction.UP):
        graph = join([build_record(record)]).reach(record.name, direction).checked()
        grown = Grown(graph, notes=("a remark",))
        report = build_graph_report("x", record.name, direction, grown, depth=3)
        lines = tree_lines(graph, record.name, direction, report)
        return report, [line.plain for line in lines], graph

    def test_the_tree_names_each_cause_and_what_it_was(self):
        _, lines, _ = self._told(a_record())

        assert lines[0].startswith(f"model default/outputrepo@{'0001' * 8} of team/")
        assert lines[1].startswith(f"└─ made by run {RUN} attempt 1, TFJob mnist-")
        assert lines[2].startswith(f"   ├─ learned from commit {INPUT}")
        assert lines[3].startswith(f"   └─ ran image {records.IMAGE}@sha256:")
        assert lines[4].startswith("      └─ built from source git+https://")
        assert ["Note: a remark"] == lines[5:]

    def test_pachds_own_provenance_is_said(self):
        here = (Repo("default", "inputrepo"), records.INPUT_COMMIT)
        _, lines, _ = self._told(a_record(provenance=[here]))

        assert lines[2].endswith(", as pachd's provenance says, too")

    def test_a_disagreement_stands_below_its_node(self):
        report, lines, _ = self._told(a_record(commit=OTHER))

        assert [line for line in lines if "│  DISAGREES: the description" in line]
        assert not report["agrees"]
        assert report["disagreements"][0].startswith("default/outputrepo@0001")

    def test_nothing_that_came_of_it_is_said(self):
        _, lines, _ = self._told(a_record(), Direction.DOWN)

        assert "  nothing is known to have come of it" == lines[1]

    def test_what_others_wrote_cannot_leave_its_quotes_in_dot(self):
        drawn = dot_text(chain('a"];\n\\x\x1b', "b"), "b")

        assert r"""  "a\"];\n\\x " -> "b" [label="data"];""" in drawn.splitlines()
        assert "\x1b" not in drawn

    def test_the_object_can_be_written_for_programs(self):
        report, _, _ = self._told(a_record())

        assert report == json.loads(json.dumps(report))
        assert {"from", "to", "role", "saidBy"} == set(report["edges"][0])
        assert {"id", "kind", "exists", "facts", "disagreements"} == set(
            report["nodes"][0]
        )


class Deaf:
    """A pachd that lets nobody read the input repo."""

    def __init__(self, commit, content, files):
        self._commits = {str(commit): commit, RUN: a_run()}
        self._content, self._files = content, files

    async def commit(self, repo, name):
        if repo.name == "inputrepo":
            raise DeniedError("pachd", "InspectCommit", "not authorized")
        return self._commits.get(f"{repo}@{name}")

    async def read(self, *_):
        return self._content

    async def files(self, *_):
        return self._files


async def test_what_a_token_may_not_read_is_not_said_to_be_gone():
    commit, content, files = records.record()

    grown = await climb(Deaf(commit, content, files), commit, depth=5)

    assert (None, True) == (
        grown.graph.nodes[INPUT].exists,
        grown.graph.nodes[RUN].exists,
    )
    assert not grown.complete
    assert ["this token may not read default/inputrepo"] == [
        note.partition(":")[0] for note in grown.notes
    ]
