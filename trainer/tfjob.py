"""For the classic recipe, whose TFJob runs ``python3 /app/tfjob.py``."""

import runpy

__all__: list[str] = []

runpy.run_module("mnist_trainer", run_name="__main__", alter_sys=True)
