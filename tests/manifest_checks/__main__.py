"""What checkov and kube-score say of every way to install; nothing unexplained.

Neither asks the network for anything: checkov would, for its vendor's texts.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from cluster.rig.binaries import KUBECTL, find
from manifest_checks.tools import Finding, run_checkov, run_kube_score

_ROOT = Path(__file__).resolve().parents[2]
_OVERLAYS = _ROOT / "deploy" / "kustomize" / "overlays"
_EXCEPTIONS = Path(__file__).with_name("exceptions.toml")


def main() -> int:
    """Check all overlays, and compare with what is excepted."""
    found: set[Finding] = set()
    for overlay in sorted(path.name for path in _OVERLAYS.iterdir()):
        manifests = _render(overlay)
        for run in (run_checkov, run_kube_score):
            findings = run(overlay, manifests)
            found |= findings
            print(f"{overlay}: {run.__name__[4:]} has {len(findings)} findings")
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


def _render(overlay: str) -> str:
    command = [str(find(KUBECTL)), "kustomize", str(_OVERLAYS / overlay)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _tell(what: str, findings: set[Finding]) -> int:
    for each in sorted(findings):
        print(f"{what}: {json.dumps(each._asdict())}", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
