"""Getting started on this machine: the page's own blocks, one after the other.

`make demo` is the real one, with the real trainer. Where the page takes MNIST, there
are a few hundred drawn digits here, so that the test needs no download and little time.
What it leaves running serves other pages too, which ask about a model that is there.
"""

import json
import re
import shutil
from contextlib import asynccontextmanager

from documents.blocks import masked, transcript
from documents.pachctl import Pachctl, on_path
from documents.registry import blocks_of
from documents.terminal import Terminal
from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import Connection, Pachyderm
from unit.lineage_backend import Backend

TEST = "cluster/pages/test_local_way.py::test_the_first_model_comes_as_the_page_says"
DEMO_SECONDS = 900
OUTPUT = Branch(Repo("default", "outputrepo"), "master")
COMMIT = re.compile(r"\b[0-9a-f]{32}\b")
TOOLS = {"curl", "jq", "sha256sum"}
"""Of other people, and on most machines."""


async def test_the_first_model_comes_as_the_page_says(checkout, programs, digits):
    """Each block as it stands; an ellipsis is what an earlier one has printed."""
    start, verify, again, look, ask, retrain, stop, *others = blocks_of(TEST)
    assert start.text == again.text
    async with Terminal(checkout, programs, MNIST_NPZ=digits) as terminal:
        told = await terminal.run(start.text, seconds=DEMO_SECONDS)
        given = dict(re.findall(r"export (\w+)=(\S+)", told))
        result = json.loads(told.splitlines()[-1])
        seen = await terminal.run(
            re.sub(r"(\w+)=…", lambda name: f"{name[1]}={given[name[1]]}", look.text)
        )
        alias, *asked = ask.text.splitlines()
        answers = await terminal.run("\n".join([alias, *asked[:-1]]))
        # On any port that is free: other suites, and other people, have theirs.
        page = await terminal.watch(f"{asked[-1]} --port 0", "The page is at")
        [(line, printed)] = transcript(verify)
        verified = await terminal.run(line)
        async with _pachctl(given["PACHD_ADDRESS"], programs) as pachd:
            await _ask_plain_tools(others[:-2], terminal, pachd, checkout)
            once_more = await terminal.run(retrain.text)
            await _move_branches(others[-2:], terminal, pachd, result["runs"])
        ended = await terminal.run(stop.text)

    first, second = result["runs"]
    assert result["verified"]
    assert 2 == len(re.findall(r"epoch 1/\d+: loss", told))
    assert [] == [job for job in (first["tfjob"], second["tfjob"]) if job not in seen]
    assert second["output_commit"] in seen
    assert f"default/inputrepo@master={second['input_commit']}" in answers
    assert "Valid; not known: signature" in answers
    assert 2 == answers.count("  Published  ")
    assert "The page is at http://127.0.0.1:" in page
    assert masked(printed) == masked(verified)
    assert f"Published       {second['input_commit']} attempt 1" in once_more
    assert "stopped the operator of the last demo" in ended


@asynccontextmanager
async def _pachctl(address, programs):
    client = Pachyderm(Connection(address))
    try:
        async with on_path(Pachctl(client), programs):
            yield client
    finally:
        await client.close()


async def _ask_plain_tools(blocks, terminal, pachd, checkout):
    """What a record says, where there are these tools; its files lie beside it."""
    if not all(map(shutil.which, TOOLS)):
        return
    fetch, read, check, same, again, *of_others = blocks
    head = await pachd.head(OUTPUT)
    await _download(head, pachd, checkout)
    inspected = json.loads(await terminal.run(fetch.text))
    record = json.loads((checkout / "lineage.json").read_text())
    definition = record["predicate"]["buildDefinition"]
    [data] = [e for e in definition["resolvedDependencies"] if e["name"] == "input"]
    uri, image, seed = (await terminal.run(read.text)).splitlines()
    checked = await terminal.run(check.text)
    own, described = (await terminal.run(same.text)).splitlines()
    digests = (await terminal.run(again.text)).splitlines()

    spec = definition["internalParameters"]["specSha256"]
    assert (head.id, head.description) == (
        inspected["commit"]["id"],
        inspected["description"],
    )
    assert data["uri"] == uri
    assert image.startswith("oci://mnist-operator/trainer:0.1.0 ")
    assert definition["internalParameters"]["effective"]["seed"] == int(seed)
    assert len(record["subject"]) == checked.count(": OK")
    assert own.split() == [described, "lineage.json"]
    assert [data["digest"]["sha256"], spec] == [each.split()[0] for each in digests]
    await _send_and_open(of_others, terminal, head, checkout)


async def _send_and_open(blocks, terminal, head, checkout):
    """The event of the model for a backend, and the page about it for a browser."""
    backend, report = blocks
    async with Backend() as listening:
        listens = backend.text.replace("http://marquez.lineage:5000", listening.url)
        await terminal.run(listens)
        [event] = await listening.told(1)
    await terminal.run(report.text)

    version = event["outputs"][0]["facets"]["version"]["datasetVersion"]
    assert ("COMPLETE", head.id) == (event["eventType"], version)
    assert "<html" in (checkout / "report.html").read_text()[:200]


async def _download(head, pachd, folder):
    for each in await pachd.files(OUTPUT.repo, head.id):
        path = folder / each.path.lstrip("/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(await pachd.read(OUTPUT.repo, head.id, each.path))


async def _move_branches(blocks, terminal, pachd, runs):
    """Both branches show the older commit then, and nothing is trained for that."""
    of_models, of_data = blocks
    older = runs[0]
    count = "kubectl get tfjobs --no-headers | wc -l"
    jobs = await terminal.run(count)
    await terminal.run(COMMIT.sub(older["output_commit"], of_models.text))
    await terminal.run(COMMIT.sub(older["input_commit"], of_data.text))
    seen = f"--for=jsonpath={{.status.head}}={older['input_commit']}"
    await terminal.run(f"kubectl wait mt/mnist --timeout=60s '{seen}'")
    models = await pachd.branch_head_id(OUTPUT)

    assert older["output_commit"] == models
    assert jobs == await terminal.run(count)
