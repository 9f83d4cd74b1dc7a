"""What mnistctl's explanations, history, plans and reproductions say of production."""

from dataclasses import replace

from mnist_operator.cli.explain.commit import Asked, build_story
from mnist_operator.cli.explain.explaining import Queue, build_overview
from mnist_operator.cli.explain.lines import story_lines
from mnist_operator.cli.get.stories import story_lines as get_lines
from mnist_operator.cli.history.histories import Row, history_item, read_decisions
from mnist_operator.cli.history.lines import tell_decision
from mnist_operator.cli.plan.effects import apply
from mnist_operator.cli.verify.contents import find_changed
from mnist_operator.cli.verify.verification import Run
from mnist_operator.commits import File
from mnist_operator.decisions import Decision, to_lines
from mnist_operator.plan import Record
from mnist_operator.promoting import settle
from mnist_operator.test_result import PROMOTION_FILE
from unit.builders import INPUT, NOW, begun, commit, entry, ident
from unit.mnistctl_reproductions import made, verdict
from unit.promotions import LINES, NEW, OLD, OLDER, WITHHELD, asking, look, move

_LEDGER = to_lines([begun(), *LINES, WITHHELD, move(OLDER, OLD, "RolledBack")])
_DECISIONS = read_decisions(_LEDGER)


def story(number=1):
    asked = Asked(ident(number), commit(number))
    return build_story("team/mnist", _DECISIONS, Queue(INPUT), asked)


def test_a_ledgers_lines_about_production_decide_nothing_about_commits():
    assert [Decision.PUBLISHED] * 2 == [each.decision for each in _DECISIONS.entries]
    assert 4 == len(_DECISIONS.moves)
    overview = build_overview("team/mnist", _DECISIONS, Queue(INPUT), limit=9)
    assert 2 == overview["total"]


def test_a_commits_story_tells_what_became_of_its_model_in_production():
    told = story()["production"]

    assert [
        ("Promoted", "Automatic", OLD, OLDER),
        ("Promoted", "RolledBack", OLDER, OLD),
    ] == [
        (e["decision"], e["reason"], e["modelCommit"], e["previousModelCommit"])
        for e in told
    ]
    text = "\n".join(each.plain for each in story_lines(story()))
    assert f"production: promoted {OLD}, in the place of {OLDER}: Automatic" in text


def test_a_model_that_was_withheld_says_so():
    text = "\n".join(each.plain for each in story_lines(story(2)))

    assert f"production: withheld {NEW}: ChampionChanged" in text


def test_the_history_shows_each_move_at_its_place():
    items = [history_item(Row(each), None, None) for each in _DECISIONS.lines]

    assert ["Promoted", "Promoted", "Withheld", "Promoted"] == [
        each["decision"] for each in items[2:]
    ]
    assert OLDER in next(tell_decision(items[-1])).plain


def test_a_plan_goes_on_after_a_move_and_after_an_answer():
    seen = look(**asking())
    [moved] = settle(seen, NOW).actions
    after = apply(seen, moved, now=NOW, number=1)
    declined = look(**asking(model=""))
    [answer] = settle(declined, NOW).actions
    answered = apply(declined, answer, now=NOW, number=1)

    assert isinstance(answer, Record)
    assert (NEW, None) == (after.production.head, after.production.request)
    assert settle(after, NOW) is None
    assert answered.production.request is None
    bare = replace(seen, production=None)
    assert apply(bare, moved, now=NOW, number=1).production is None


def test_what_compared_the_first_model_is_not_missed_when_it_is_made_again():
    one = made()
    files = {**one.files, PROMOTION_FILE: "0" * 64, "/report/held_out.json": "1" * 64}
    told = verdict(replace(one, files=files))["files"]

    assert not {PROMOTION_FILE, "/report/held_out.json"} & {e["path"] for e in told}


def test_verify_reads_the_gates_word_which_no_run_has():
    files = [File("/a", 1, "h"), File(PROMOTION_FILE, 1, "p")]

    assert [PROMOTION_FILE] == find_changed(files, Run(commit(), None, files=files[:1]))
    assert entry(1).output == OLD


def test_get_tells_what_is_in_production_and_why_the_newest_model_is_not():
    said = {
        "productionCommit": OLD,
        "candidateCommit": NEW,
        "reason": "Worse",
        "message": "p = 0.001",
        "lastAnswer": "Worse: no",
    }
    body = {"metadata": {"namespace": "team", "name": "mnist"}, "spec": {}}
    lines = [
        "\n".join(
            each.plain
            for each in get_lines(body | {"status": {"promotion": told}}, now=NOW)
        )
        for told in (said, {"productionCommit": ""}, None)
    ]

    assert OLD in lines[0]
    assert f"{NEW}, Worse: p = 0.001" in lines[0]
    assert "no model yet" in lines[1]
    assert "Production" not in lines[2]
