"""The commands of kubectl and Helm in README and docs, given to kubectl and Helm.

What changes something is a dry run on a real API server. What waits for pods, or shows
them, has none here: it is given to a kubectl whose server is not there, which says so
once it has understood every word.
"""

import re
import shlex
import subprocess

import pytest

from cluster.install.administrator import Administrator
from cluster.install.manifests import CHART, run_helm
from cluster.install.reader import lay_out
from cluster.rig.binaries import KUBECTL, find
from documents.blocks import ROOT, commands, read_blocks
from documents.registry import to_be_read

DRY = {"annotate", "apply", "create", "delete", "label", "patch"}
ASKING = {"describe", "get", "kustomize", "wait"}
NAMESPACES = ("default", "team", "team-a")
TRAINED = "08769539be1f46e98861761e5de3edb2"
"""The commit that the page waits for."""
READY = {
    "type": "Ready",
    "status": "True",
    "reason": "UpToDate",
    "message": "",
    "lastTransitionTime": "2026-01-01T00:00:00Z",
    "observedGeneration": 1,
}
STATUS = {"lastTrainedCommit": TRAINED, "conditions": [READY], "observedGeneration": 1}
SECRET = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"pachyderm"}}'
NAMESPACE = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s"}}'
TRAINING = "/apis/mnist-operator.dev/v1alpha1/namespaces/%s/mnisttrainings/mnist"
ABSENT = "--server=http://127.0.0.1:9"
ELSEWHERE = re.compile(r"^github\.com/.*")
"""A kustomization that is not ours; one of ours says as much of the command."""


@pytest.fixture(name="admin", scope="module")
def _admin(plane, account):
    """Where there is a training in each namespace that the pages name."""
    admin = Administrator(plane)
    sample = (ROOT / "deploy" / "samples" / "mnist.yaml").read_text()
    for each in NAMESPACES:
        body = (
            f'{{"apiVersion":"v1","kind":"Namespace","metadata":{{"name":"{each}"}}}}'
        )
        admin.try_kubectl("create", "-f", "-", given=body)
        admin.kubectl("apply", "--server-side", f"-n={each}", "-f", "-", given=sample)
        path = (
            f"/apis/mnist-operator.dev/v1alpha1/namespaces/{each}/mnisttrainings/mnist"
        )
        there = plane.call("GET", path)
        plane.call("PUT", f"{path}/status", there | {"status": STATUS})
    yield admin
    for each in NAMESPACES:
        admin.kubectl("delete", "mt", "mnist", f"-n={each}")


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory):
    """The repository as the pages know it, and the files that they name."""
    folder = tmp_path_factory.mktemp("documented")
    lay_out(folder)
    (folder / "secret.yaml").write_text(SECRET)
    return folder


def _documented(program):
    """Each command once, wherever it stands."""
    once = {tuple(words): where for where, words in to_be_read(program).items()}
    return [pytest.param(list(words), id=where) for words, where in once.items()]


def _verb(words):
    """The first word that is neither an option nor the value of one."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            return word
        if "=" not in word:
            next(rest)
    return ""


def _harmless(verb, words):
    """The same command, which changes nothing and waits for a minute at most."""
    words = [re.sub(r"\$\(date .*\)", "2026-01-01T00:00:00Z", each) for each in words]
    words = [ELSEWHERE.sub("deploy/kustomize/crds", each) for each in words]
    words = [re.sub(r"^--timeout=.*", "--timeout=60s", each) for each in words]
    if verb in DRY:
        words.append("--dry-run=server")
    if verb == "delete":
        words.append("--ignore-not-found")
    if "--server-side" in words:
        words.append("--force-conflicts")
    return words


def _run(admin, folder, words):
    command = [str(find(KUBECTL)), f"--kubeconfig={admin.plane.kubeconfig}", *words]
    return subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("command", _documented("kubectl"))
def test_kubectl_takes_it(admin, folder, command):
    words = command[1:]
    verb = _verb(words)
    if verb not in DRY | ASKING or "--watch" in words:
        done = _run(admin, folder, [ABSENT, *words])

        assert "connection refused" in done.stderr or "was refused" in done.stderr
        return
    done = _run(admin, folder, _harmless(verb, words))

    there_already = verb == "create" and "already exists" in done.stderr
    assert 0 == done.returncode or there_already, done.stderr


def test_the_operator_may_what_the_page_says(admin, folder):
    [block] = [each for each in read_blocks("sh") if "auth can-i" in each.text]

    answers = [
        _run(admin, folder, shlex.split(line)[1:]).stdout.strip()
        for line in commands(block)
    ]

    assert ["no", "yes"] == answers


def test_helm_refuses_what_the_page_says_with_its_words():
    [block] = [each for each in read_blocks("console") if "helm template" in each.text]
    [line] = commands(block)
    words = shlex.split(line.replace("deploy/helm/mnist-operator", str(CHART)))

    with pytest.raises(AssertionError) as refused:
        run_helm(*words[1:])

    assert block.text.splitlines()[-1] in str(refused.value)
