"""A world on one machine to try the operator in, and to break on purpose.

`pachd` answers as a real pachd does, `kube` as a small Kubernetes API server,
`tfjobs` and `node` run what is created there. `faults` makes any of them fail.
Nothing here imports the operator or the trainer: it only speaks their protocols.
"""

__all__: list[str] = []
