"""checkov and kube-score, reduced to what they found where."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from cluster.rig.binaries import Program, find

__all__ = ["Finding", "run_checkov", "run_kube_score"]

_CHECKOV = Path(__file__).resolve().parents[2] / ".venv" / "checkov" / "bin" / "checkov"
_KUBE_SCORE = Program(
    "kube-score", "kube-score", "github.com/zegl/kube-score/cmd/kube-score"
)
_GOOD = 10
"""The grade that kube-score gives where it has nothing to say."""


class Finding(NamedTuple):
    """One check that one object does not pass, in one way to install."""

    way: str
    check: str
    object: str


def run_checkov(way: str, manifests: str) -> set[Finding]:
    """What checkov finds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "manifests.yaml")
        path.write_text(manifests)
        options = ("--framework=kubernetes", "--skip-download", "--output=json")
        told = _run(str(_CHECKOV), f"--file={path}", *options)
    return {
        Finding(way, each["check_id"], _shorten(each["resource"]))
        for each in told["results"]["failed_checks"]
    }


def run_kube_score(way: str, manifests: str) -> set[Finding]:
    """What kube-score finds, warnings too."""
    program = shutil.which("kube-score") or str(find(_KUBE_SCORE))
    told = _run(program, "score", "--output-format=json", "-", given=manifests)
    return {
        Finding(way, check["check"]["id"], _shorten(_dotted(each)))
        for each in told
        for check in each["checks"]
        if check["grade"] < _GOOD and not check["skipped"]
    }


def _dotted(each: Any) -> str:
    meta = each["object_meta"]
    return f"{each['type_meta']['kind']}.{meta.get('namespace', '')}.{meta['name']}"


def _shorten(resource: str) -> str:
    """Kind/name of KIND.NAMESPACE.NAME; what follows is checkov's own."""
    kind, _, name, *_ = resource.split(".")
    return f"{kind}/{name}"


def _run(*command: str, given: str | None = None) -> Any:
    """What it prints as JSON; both exit with 1 when they found something."""
    done = subprocess.run(
        command, input=given, check=False, capture_output=True, text=True
    )
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)
