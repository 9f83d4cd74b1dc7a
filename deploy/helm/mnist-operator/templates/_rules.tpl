{{/* What the operator may do, with the reason for every verb: all that its code asks
     for, and nothing else. The same as in deploy/kustomize/base/rbac.yaml. */}}
{{- define "mnist-operator.rules" -}}
# list, watch: notice what changes; get: see it as it is now before each decision;
# patch: the finalizer that lets a loop end before its MnistTraining is gone.
- apiGroups: [mnist-operator.dev]
  resources: [mnisttrainings]
  verbs: [get, list, watch, patch]
# patch: conditions, history and the rest of the status.
- apiGroups: [mnist-operator.dev]
  resources: [mnisttrainings/status]
  verbs: [patch]
# create: one TFJob for each attempt; list, watch: see how it goes; delete: end one
# that passed its deadline, and let go of old ones; patch: ownerReferences alone, by
# which spec.deletionPolicy says whether it goes with its MnistTraining.
- apiGroups: [kubeflow.org]
  resources: [tfjobs]
  verbs: [list, watch, create, delete, patch]
# list: why a pod does not start, its exit code, last words and image digest.
- apiGroups: [""]
  resources: [pods]
  verbs: [list]
# get: the tail of the trainer's log goes into the run's record, and while it trains
# its last lines say how far it is. Without it both are left out.
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
# create: say once what happened; list: why the TFJob controller made no pod.
- apiGroups: [""]
  resources: [events]
  verbs: [create, list]
{{- end }}
