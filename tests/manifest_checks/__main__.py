"""What checkov and kube-score say of every way to install; nothing unexplained.

Neither asks the network for anything: checkov would, for its vendor's texts.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from cluster.rig.binaries import HELM, KUBECTL, find
from manifest_checks.tools import Finding, run_checkov, run_kube_score

_ROOT = Path(__file__).resolve().parents[2]
_OVERLAYS = _ROOT / "deploy" / "kustomize" / "overlays"
_COMPONENTS = _ROOT / "deploy" / "kustomize" / "components"
_CHART = _ROOT / "deploy" / "helm" / "mnist-operator"
_PAGE = "mnist-operator-page"
_WITH_KEYS = ["../components/page", "../components/page-keys"]
_EXCEPTIONS = Path(__file__).with_name("exceptions.toml")


def main() -> int:
    """Check all ways to install, and compare with what is excepted."""
    found: set[Finding] = set()
    for way, manifests in _render_all():
        for run in (run_checkov, run_kube_score):
            findings = run(way, manifests)
            found |= findings
            print(f"{way}: {run.__name__[4:]} has {len(findings)} findings")
    excepted = read_exceptions()
    return max(
        _tell("not explained", found - excepted),
        _tell("explained, but not found any more", excepted - found),
    )


def read_exceptions() -> set[Finding]:
    """What may be found; each has its reason."""
    listed = tomllib.loads(_EXCEPTIONS.read_text())["exception"]
    return {
        Finding(way, each["check"], each["object"])
        for each in listed
        for way in each["ways"]
    }


def _render_all() -> Iterator[tuple[str, str]]:
    """Every overlay; and the page, which is added to one, by kustomize and by Helm."""
    for overlay in sorted(_OVERLAYS.iterdir()):
        yield overlay.name, _run(str(find(KUBECTL)), "kustomize", str(overlay))
    with TemporaryDirectory(dir=_COMPONENTS.parent) as folder:
        added = {"resources": ["../base"], "components": _WITH_KEYS}
        Path(folder, "kustomization.yaml").write_text(json.dumps(added))
        yield "page", _page_of(_run(str(find(KUBECTL)), "kustomize", folder))
    chart = ("template", "mnist-operator", str(_CHART), "--namespace", "mnist-operator")
    values = ("--set", "page.enabled=true,page.keysConfigMap=mnist-operator-keys")
    yield "page, Helm", _page_of(_run(str(find(HELM)), *chart, *values))


def _page_of(manifests: str) -> str:
    """The page's own objects: the operator's are checked in the overlays."""
    ours = [
        each
        for each in yaml.safe_load_all(manifests)
        if each and each["metadata"]["name"].startswith(_PAGE)
    ]
    return yaml.safe_dump_all(ours)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _tell(what: str, findings: set[Finding]) -> int:
    for each in sorted(findings):
        print(f"{what}: {json.dumps(each._asdict())}", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
