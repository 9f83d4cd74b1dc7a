{{/* Labels of every object. The names of objects are fixed: one operator serves a
     namespace, and its messages name the roles that somebody must bind. */}}
{{- define "mnist-operator.labels" -}}
app.kubernetes.io/name: mnist-operator
app.kubernetes.io/part-of: mnist-operator
{{- end }}

{{- define "mnist-operator.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* A RoleBinding to the operator: (dict "root" $ "namespace" … "name" …). */}}
{{- define "mnist-operator.binding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "mnist-operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind | default "Role" }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: mnist-operator
    namespace: {{ .root.Release.Namespace }}
{{- end }}
