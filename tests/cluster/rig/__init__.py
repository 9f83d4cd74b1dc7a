"""A real Kubernetes without Docker: etcd, a kube-apiserver, the TFJob controller.

`binaries` finds or builds the programs, `programs` runs one, `control_plane` and
`tfjob_controller` know their options. `python -m cluster.rig` builds what is missing.
"""
