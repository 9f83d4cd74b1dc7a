"""What the operator exports, by promtool: names, units, types and help texts."""

import subprocess

from prometheus_client import generate_latest

from alerts.promtool import find_promtool
from unit.metric_samples import fill


def test_promtool_finds_nothing_wrong_with_the_metrics():
    told = subprocess.run(
        [str(find_promtool()), "check", "metrics"],
        input=generate_latest(fill().registry).decode(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "", "") == (told.returncode, told.stdout, told.stderr)
