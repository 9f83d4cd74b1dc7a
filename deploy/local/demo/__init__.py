"""Shows the product's main job on one machine: push data, get a model that names it.

Started by `make demo`; `__main__` tells the story, the other modules each do one
part of it. Nothing here imports the operator: the demo sees what a user sees.
"""

__all__: list[str] = []
