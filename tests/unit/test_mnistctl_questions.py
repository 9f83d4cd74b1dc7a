"""What a user may ask of mnistctl, and how it is understood."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click import Context

from mnist_operator.cli.app import mnistctl
from mnist_operator.cli.connections import make_connection
from mnist_operator.cli.failures import NoAnswerError, explain
from mnist_operator.cli.moments import parse_moment
from mnist_operator.cli.references import Job, Reference, parse_reference
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    NotFoundError,
    UnreachableError,
    UnsupportedError,
)

NOW = datetime(2026, 5, 31, 12, 30, tzinfo=UTC)
OUTPUT = Repo("default", "outputrepo")
MASTER = Branch(OUTPUT, "master")
WHOLE = "5b77a6c1a16d496b83f8a78a05179168"


@pytest.mark.parametrize(
    ("text", "repo", "branch", "commit"),
    [
        pytest.param(None, OUTPUT, "master", None, id="nothing-is-the-default-branch"),
        pytest.param(WHOLE, OUTPUT, None, WHOLE, id="an-id"),
        pytest.param("5B77a6", OUTPUT, None, "5b77a6", id="a-beginning-in-any-case"),
        pytest.param("models@dev", Repo("default", "models"), "dev", None,
                     id="repo-and-branch"),
        pytest.param("team/models@dev", Repo("team", "models"), "dev", None,
                     id="project-repo-and-branch"),
        pytest.param(f"models@{WHOLE}", Repo("default", "models"), None, WHOLE,
                     id="repo-and-id"),
        pytest.param("models@dead", Repo("default", "models"), "dead", "dead",
                     id="a-word-that-may-be-either"),
        pytest.param("models@dev=5b77", Repo("default", "models"), None, "5b77",
                     id="as-pachctl-writes-provenance"),
        pytest.param("models@" + "f" * 33, Repo("default", "models"), "f" * 33, None,
                     id="too-long-for-an-id"),
    ],
)  # fmt: skip
def test_a_reference_is_taken_apart(text, repo, branch, commit):
    reference = parse_reference(text, MASTER)

    assert (repo, branch, commit) == (
        reference.repo,
        reference.branch,
        reference.commit,
    )


@pytest.mark.parametrize(
    ("text", "walk"),
    [
        pytest.param("5b77", MASTER, id="on-the-default-branch"),
        pytest.param("models@5b77", Branch(Repo("default", "models"), "master"),
                     id="on-that-branch-of-the-repo"),
        pytest.param("models@dev=5b77", Branch(Repo("default", "models"), "dev"),
                     id="on-the-branch-that-is-named"),
    ],
)  # fmt: skip
def test_the_rest_of_an_id_is_looked_for(text, walk):
    assert walk == parse_reference(text, MASTER).walk


@pytest.mark.parametrize(
    ("text", "back"),
    [("models@dev", 0), ("models@dev^", 1), ("models@dev^^", 2), ("models@dev^3", 3)],
)
def test_steps_back_are_counted(text, back):
    reference = parse_reference(text, MASTER)

    assert (back, "dev") == (reference.back, reference.branch)


@pytest.mark.parametrize(
    ("text", "job"),
    [
        ("tfjob/mnist-0123456789ab",
         Job("", "mnist-0123456789ab", "mnist", "0123456789ab")),
        ("tfjob/team-a/my-mnist-2-0123456789ab",
         Job("team-a", "my-mnist-2-0123456789ab", "my-mnist-2", "0123456789ab")),
    ],
)  # fmt: skip
def test_a_tfjob_tells_its_training_and_its_run(text, job):
    assert job == parse_reference(text, MASTER).job


@pytest.mark.parametrize(
    "text", ["tfjob/", "tfjob/mnist", "tfjob/mnist-012345", "tfjob/a/b/c-0123456789ab"]
)
def test_what_names_no_tfjob_is_refused_with_what_would(text):
    with pytest.raises(ValueError, match="write tfjob/NAME"):
        parse_reference(text, MASTER)


@pytest.mark.parametrize(
    ("text", "named", "repos"),
    [
        ("outputrepo@dev", "", ["default/outputrepo_runs"]),
        ("team/models@dev", "", ["team/models_runs", "default/outputrepo_runs"]),
        ("team/models@dev", "attempts", ["default/attempts"]),
    ],
)
def test_runs_are_looked_for_where_the_operator_has_them(text, named, repos):
    reference = parse_reference(text, MASTER, run_repo=named)

    assert repos == [str(each) for each in reference.runs]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "master",
        "@master",
        "outputrepo@",
        "a/b/c@d",
        "a@b=xyz",
        "a b@c",
        "^",
        "a@b^x",
    ],
)
def test_what_can_mean_nothing_is_refused_with_what_could(text):
    with pytest.raises(ValueError, match="write repo@branch"):
        parse_reference(text, MASTER)


def test_a_reference_compares_by_what_it_means():
    runs = (Repo("default", "outputrepo_runs"),)

    assert Reference(OUTPUT, "master", None, MASTER, runs=runs) == parse_reference(
        "default/outputrepo@master", MASTER
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-03-31", datetime(2026, 3, 31, tzinfo=UTC),
                     id="a-date-is-its-first-moment"),
        pytest.param("2026-03-31T14:05", datetime(2026, 3, 31, 14, 5, tzinfo=UTC),
                     id="utc-where-no-zone-is-named"),
        pytest.param("2026-03-31 14:05:06Z",
                     datetime(2026, 3, 31, 14, 5, 6, tzinfo=UTC), id="with-z"),
        pytest.param("2026-03-31T14:00+02:00", datetime(2026, 3, 31, 12, tzinfo=UTC),
                     id="with-a-zone"),
        pytest.param("90d", datetime(2026, 3, 2, 12, 30, tzinfo=UTC), id="days"),
        pytest.param("2 weeks ago", datetime(2026, 5, 17, 12, 30, tzinfo=UTC),
                     id="weeks"),
        pytest.param("36h", datetime(2026, 5, 30, 0, 30, tzinfo=UTC), id="hours"),
        pytest.param("30 min ago", datetime(2026, 5, 31, 12, tzinfo=UTC),
                     id="minutes"),
        pytest.param("3 months ago", datetime(2026, 2, 28, 12, 30, tzinfo=UTC),
                     id="months-end-with-the-month"),
        pytest.param("1 Month", datetime(2026, 4, 30, 12, 30, tzinfo=UTC),
                     id="one-month"),
        pytest.param("5 months ago", datetime(2025, 12, 31, 12, 30, tzinfo=UTC),
                     id="months-over-the-year"),
        pytest.param("2y", datetime(2024, 5, 31, 12, 30, tzinfo=UTC), id="years"),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(text, expected):
    moment = parse_moment(text, now=NOW)

    assert (expected, UTC) == (moment, moment.tzinfo)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "3m", "3 lustra ago", "-3d", "31.3.2026", "2026-02-30", "9999 years"],
)
def test_what_is_no_time_is_refused_with_what_would_be(text):
    with pytest.raises(ValueError, match="write 2026-03-31"):
        parse_moment(text, now=NOW)


class TestConnection:
    def _make(self, address="pachd:30650", *, token="", token_file=None, ca_file=None):
        return make_connection(
            address, token=token, token_file=token_file, ca_file=ca_file
        )

    def test_without_a_token_nobody_in_particular_asks(self):
        connection = self._make(token=" ")

        assert (None, False) == (connection.token, connection.target.secure)

    def test_a_file_counts_more_than_the_variable(self, tmp_path):
        (tmp_path / "token").write_text("from-file\n")

        made = self._make(token="from-variable", token_file=tmp_path / "token")

        assert "from-file" == made.token

    def test_a_ca_means_tls(self, tmp_path):
        (tmp_path / "ca.crt").write_bytes(b"PEM")

        made = self._make(ca_file=tmp_path / "ca.crt")

        assert (b"PEM", True) == (made.root_certificates, made.target.secure)

    @pytest.mark.parametrize("token", ["hush\nhush", "hüsh", "hush\x7f"])
    def test_a_broken_token_is_refused_without_showing_it(self, token):
        with pytest.raises(ValueError, match="characters that no token has") as caught:
            self._make(token=token)

        assert "h" + "ush" not in str(caught.value)

    def test_an_address_that_cannot_be_dialled_is_refused_without_showing_it(self):
        with pytest.raises(ValueError, match="host:port") as caught:
            self._make("grpc://me:hush@pachd")

        assert "hush" not in str(caught.value)

    def test_a_file_that_is_not_there_is_named(self):
        with pytest.raises(ValueError, match="--ca-file /nonexistent: No such file"):
            self._make(ca_file=Path("/nonexistent"))


@pytest.mark.parametrize(
    ("error", "signed_in", "remedy"),
    [
        pytest.param(UnreachableError("pachd", "X", "UNAVAILABLE:\nrefused"), False,
                     "name the right one with --address", id="unreachable"),
        pytest.param(DeniedError("pachd", "X", "no authentication token"), False,
                     "set PACHYDERM_TOKEN", id="nobody"),
        pytest.param(DeniedError("pachd", "X", "expired"), True,
                     "repoReader", id="not-that-one"),
        pytest.param(UnsupportedError("pachd", "X", "unknown service"), False,
                     "is no Pachyderm 2", id="something-else-answers"),
        pytest.param(ConflictError("pachd", "X", "moves too fast"), False,
                     "ask again", id="a-race"),
        pytest.param(NotFoundError("pachd", "X", "commit not found"), False,
                     "ask again", id="cut-under-the-walk"),
        pytest.param(NoAnswerError("there is no such repo"), False,
                     "there is no such repo", id="said-already"),
    ],
)  # fmt: skip
def test_a_failure_is_one_line_with_a_remedy(error, signed_in, remedy):
    line = explain(error, "pachd:30650", signed_in=signed_in)

    assert remedy in line
    assert "\n" not in line


def test_every_option_is_documented():
    docs = Path(__file__).resolve().parents[2] / "docs"
    ones = docs / "mnistctl.md", docs / "dashboard.md"
    pages = [*ones, *(docs / "mnistctl").glob("*.md")]
    told = "\n".join(page.read_text() for page in pages)
    context = Context(mnistctl)
    commands = [
        mnistctl.get_command(context, n) for n in mnistctl.list_commands(context)
    ]
    options = {
        name
        for command in commands
        for parameter in command.params
        for name in parameter.opts
        if name.startswith("-")
    }

    assert set() == {name for name in options if f"`{name}`" not in told}
