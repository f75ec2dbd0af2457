{{/* The chart's name in labels and in names. */}}
{{- define "mds.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What the objects' names begin with: the release's name, with the chart's unless it is in there. 63 is a label's length. */}}
{{- define "mds.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The full name with a suffix, together no longer than 63: (list . "webhook"). */}}
{{- define "mds.named" -}}
{{- $suffix := index . 1 -}}
{{- $room := int (sub 62 (len $suffix)) -}}
{{- printf "%s-%s" (include "mds.fullname" (index . 0) | trunc $room | trimSuffix "-") $suffix -}}
{{- end -}}

{{- define "mds.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "mds.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mds.named" (list . "operator")) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.create is false: serviceAccount.name must say which account the operator uses." .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* What a selector selects by; it never changes over upgrades. */}}
{{- define "mds.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mds.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* The labels of every object. */}}
{{- define "mds.labels" -}}
{{- $own := dict
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/part-of" "mds"
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.commonLabels) $own (include "mds.selectorLabels" . | fromYaml)) -}}
{{- end -}}

{{/* An image's whole name: (list . .Values.image). */}}
{{- define "mds.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $registry := default $image.registry $root.Values.global.imageRegistry -}}
{{- with $registry }}{{ . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default $root.Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{/* imagePullSecrets of the operator's pods. */}}
{{- define "mds.imagePullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets | uniq -}}
imagePullSecrets:
{{ toYaml . }}
{{- end -}}
{{- end -}}

{{/* What the operator's pods and the test's have in common: where they may run and as whom. */}}
{{- define "mds.podPlacement" -}}
serviceAccountName: {{ include "mds.serviceAccountName" . | quote }}
automountServiceAccountToken: true
enableServiceLinks: false
{{- with include "mds.imagePullSecrets" . }}
{{ . }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
dnsPolicy: {{ default (ternary "ClusterFirstWithHostNet" "ClusterFirst" .Values.hostNetwork) .Values.dnsPolicy }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Whether the cluster is at least a version: (list . "1.25"). "-0" lets pre-releases and vendors' suffixes in. */}}
{{- define "mds.kubernetesAtLeast" -}}
{{- if semverCompare (printf ">=%s.0-0" (index . 1)) (index . 0).Capabilities.KubeVersion.Version -}}true{{- end -}}
{{- end -}}

{{/*
Namespaces whose pods are never asked about. Their names are matched by a label that Kubernetes sets itself from 1.21 on; where
it is missing NotIn matches, which does no harm: only pods that carry mds.inject are asked about at all. The operator's own
namespace is among them, unless it is `default`, where a plain `helm install` puts the operator beside the user's pods.
*/}}
{{- define "mds.excludedNamespaces" -}}
{{- $excluded := list "kube-system" "kube-public" "kube-node-lease" -}}
{{- $own := include "mds.namespace" . -}}
{{- if and (ne $own "default") (not (has $own $excluded)) }}{{ $excluded = append $excluded $own }}{{ end -}}
{{- toYaml $excluded -}}
{{- end -}}
