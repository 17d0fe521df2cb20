{{- define "vivavoce.name" -}}
{{- if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "vivavoce.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "vivavoce.labels" -}}
{{ include "vivavoce.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "vivavoce.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "vivavoce.secret" -}}
{{ .Values.secret.existing | default (include "vivavoce.name" .) }}
{{- end -}}

{{- define "vivavoce.enginesSecret" -}}
{{ .Values.engines.existingSecret | default (printf "%s-engines" (include "vivavoce.name" .)) }}
{{- end -}}

{{- define "vivavoce.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "vivavoce.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* What a pod needs at most, so that a mistake is found before anything is installed. */}}
{{- define "vivavoce.check" -}}
{{- $s := .Values.secret -}}
{{- $name := include "vivavoce.name" . -}}
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" $name) -}}
{{- fail (printf "the release's name makes %s, which cannot name a Service: begin it with a letter, without dots" $name) -}}
{{- end -}}
{{- if $s.existing -}}
{{- if or $s.databaseUrl $s.apiKeys $s.metricsKeys $s.grantsKey $s.more -}}
{{- fail "secret.existing names a Secret, which has all keys: leave the other values under secret empty" -}}
{{- end -}}
{{- else -}}
{{- if not (regexMatch "^postgres(ql)?(\\+asyncpg)?://" $s.databaseUrl) -}}
{{- fail "secret.databaseUrl must be a Postgres URL (postgresql+asyncpg://user:password@host/name): replicas share one Postgres" -}}
{{- end -}}
{{- $port := regexReplaceAll "^[^@]*@" $s.databaseUrl "" | regexFind ":[0-9]+(/|[?]|$)" | regexFind "[0-9]+" | default "5432" -}}
{{- if and .Values.networkPolicy.enabled (ne $port (.Values.networkPolicy.databasePort | toString)) -}}
{{- fail (printf "networkPolicy.databasePort must be %s, the port of secret.databaseUrl: the service would not reach its database" $port) -}}
{{- end -}}
{{- if not $s.apiKeys -}}{{- fail "secret.apiKeys must name a key (openssl rand -hex 32): in a cluster nobody is on the same machine" -}}{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not $s.metricsKeys) -}}{{- fail "secret.metricsKeys must name the key with which serviceMonitor reads the metrics (openssl rand -hex 32)" -}}{{- end -}}
{{- if not $s.grantsKey -}}{{- fail "secret.grantsKey must be set (openssl rand -hex 32): all replicas sign links to recordings with it" -}}{{- end -}}
{{- end -}}
{{- if and .Values.engines.enabled .Values.serviceMonitor.enabled .Values.networkPolicy.enabled (not .Values.networkPolicy.monitors) -}}{{- fail "networkPolicy.monitors must let Prometheus reach the engine servers, as by [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]" -}}{{- end -}}
{{- range tuple "CONSENT_FILE" "CANDIDATE_QUERY_FILE" "JWT_PUBLIC_KEY_FILE" -}}
{{- $path := get $.Values.settings . | toString -}}
{{- if and (hasPrefix "/vivavoce/files/" $path) (not (hasKey $.Values.files (trimPrefix "/vivavoce/files/" $path))) -}}{{- fail (printf "files has no %s, which settings.%s names" (trimPrefix "/vivavoce/files/" $path) .) -}}{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.gateway.enabled -}}{{- fail "ingress.enabled and gateway.enabled are two ways to the same service: choose one" -}}{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}{{- fail "ingress.host must name the host of the interviews" -}}{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.name) -}}{{- fail "gateway.name must name the Gateway that the route belongs to" -}}{{- end -}}
{{- if gt (.Values.autoscaling.min | int) (.Values.autoscaling.max | int) -}}{{- fail "autoscaling.min must not be more than autoscaling.max" -}}{{- end -}}
{{- if and .Values.engines.enabled (not .Values.engines.existingSecret) (not .Values.engines.key) -}}{{- fail "engines.key must be set (openssl rand -hex 32): the engines answer nobody without it" -}}{{- end -}}
{{- if and .Values.llm.baseUrl (not .Values.llm.model) -}}{{- fail "llm.model must name the model on the server at llm.baseUrl" -}}{{- end -}}
{{- if and .Values.llm.baseUrl .Values.networkPolicy.enabled (not .Values.networkPolicy.egress) -}}{{- fail "networkPolicy.egress must let the service reach llm.baseUrl, as by [{ports: [{port: 8000}]}]" -}}{{- end -}}
{{- range $name, $_ := .Values.settings -}}
{{- if has $name (list "DATABASE_URL" "API_KEYS" "METRICS_KEYS" "GRANTS_KEY" "JWT_SECRET" "LLM_API_KEY" "ENGINES_KEY") -}}
{{- fail (printf "settings.%s is secret: put it under secret" $name) -}}
{{- end -}}
{{- if has $name (list "CLUSTER" "HOST" "PORT" "MAX_SESSIONS" "DRAIN_SECONDS" "DATABASE_UPGRADE" "RECORDING" "RECORDINGS_DIR" "MODELS_DIR" "ENGINES_URL" "LLM_BASE_URL") -}}
{{- fail (printf "settings.%s is set by the chart from a value of its own" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Environment that the service and the migration share. */}}
{{- define "vivavoce.env" -}}
- {name: VIVAVOCE_CLUSTER, value: "true"}
- {name: VIVAVOCE_DATABASE_UPGRADE, value: {{ ternary "never" "auto" .Values.migration.enabled }}}
{{- include "vivavoce.settings" . }}
{{- end -}}

{{- define "vivavoce.settings" -}}
{{- range $name, $value := .Values.settings }}
- name: VIVAVOCE_{{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}
