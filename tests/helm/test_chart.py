"""The Helm chart, rendered by Helm itself and checked against the schemas of Kubernetes."""

import json
import tomllib
from typing import Any

import jsonschema
import kubernetes_validate
import msgspec
import pytest
from helm_python import Chart, chart
from helm_python.errors import HelmError

from service.settings import Settings, load

from .rendering import CHART, GOLDEN, HERE, INSTALLATIONS, SECRET, manifests, rendered

NOTE = 1
"""Severity of a note in what Helm's linter finds; warnings and errors have larger numbers."""
KUBERNETES = "1.34"
SCHEMAS = {
    schema["kind"]: schema
    for schema in (
        {"kind": kind, **json.loads((HERE / "schemas" / f"{kind.lower()}.json").read_text())}
        for kind in ("ScaledObject", "TriggerAuthentication", "HTTPRoute", "ServiceMonitor")
    )
}
"""Schemas of kinds that are not Kubernetes' own."""

every_installation = pytest.mark.parametrize("name", INSTALLATIONS)


def of_kind(found: list[dict[str, Any]], kind: str, end: str = "") -> dict[str, Any]:
    (manifest,) = [m for m in found if m["kind"] == kind and m["metadata"]["name"].endswith(end)]
    return manifest


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    (found,) = manifest["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def environment(found: list[dict[str, Any]], pod: dict[str, Any]) -> dict[str, str]:
    """What the chart sets for a pod, with what its own secrets hold."""
    secrets = {m["metadata"]["name"]: m["stringData"] for m in found if m["kind"] == "Secret"}
    env: dict[str, str] = {}
    for entry in container(pod).get("env", []):
        if source := entry.get("valueFrom"):
            key = source["secretKeyRef"]
            env[entry["name"]] = secrets[key["name"]][key["key"]]
        else:
            env[entry["name"]] = entry["value"]
    for source in container(pod)["envFrom"]:
        env |= secrets.get(source["secretRef"]["name"], {})
    return env


@every_installation
def test_an_installation_gets_what_it_got_before(name: str) -> None:
    # Wanted changes: python -m tests.helm.rendering, and read the difference.
    assert rendered(INSTALLATIONS[name]) == (GOLDEN / f"{name}.yaml").read_text()


@every_installation
def test_kubernetes_takes_every_manifest(name: str) -> None:
    for manifest in manifests(INSTALLATIONS[name]):
        if schema := SCHEMAS.get(manifest["kind"]):
            jsonschema.validate(manifest, schema)
        else:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_wrong_field_of_a_foreign_kind_is_found(kind: str) -> None:
    found = [m for name in INSTALLATIONS for m in manifests(INSTALLATIONS[name])]
    manifest = next(m for m in found if m["kind"] == kind)
    manifest["spec"]["replica"] = 3
    with pytest.raises(jsonschema.ValidationError, match="replica"):
        jsonschema.validate(manifest, SCHEMAS[kind])


@every_installation
def test_helm_finds_nothing_to_complain_of(name: str) -> None:
    found = chart.lint(CHART, values=INSTALLATIONS[name], strict=True)
    complaints = [m["error"] for m in found["messages"] if m["severity"] > NOTE]
    assert complaints == []


@every_installation
def test_the_service_accepts_every_variable_that_the_chart_sets(name: str) -> None:
    found = manifests(INSTALLATIONS[name])
    pods = [m for m in found if m["kind"] in ("Deployment", "Job")]
    assert pods
    for pod in pods:
        load(environment(found, pod))


@every_installation
def test_no_variables_of_kubernetes_services_are_taken_for_settings(name: str) -> None:
    for manifest in manifests(INSTALLATIONS[name]):
        if manifest["kind"] in ("Deployment", "Job"):
            assert manifest["spec"]["template"]["spec"]["enableServiceLinks"] is False


@every_installation
def test_pods_have_no_rights_that_they_do_not_need(name: str) -> None:
    for manifest in manifests(INSTALLATIONS[name]):
        if manifest["kind"] not in ("Deployment", "Job"):
            continue
        pod = manifest["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        rights = container(manifest)["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["capabilities"] == {"drop": ["ALL"]}


def test_a_pod_has_time_to_hand_its_interviews_over() -> None:
    for seconds in (0, 30, 600):
        found = of_kind(manifests({"secret": SECRET, "drainSeconds": seconds}), "Deployment")
        env = {entry["name"]: entry.get("value") for entry in container(found)["env"]}
        assert env["VIVAVOCE_DRAIN_SECONDS"] == str(seconds)
        grace = found["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        asleep = int(container(found)["lifecycle"]["preStop"]["exec"]["command"][1])
        assert grace == seconds + 75 + asleep


def test_a_new_replica_is_ready_before_an_old_one_goes() -> None:
    found = of_kind(manifests({"secret": SECRET}), "Deployment")
    assert found["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_tables_are_changed_before_new_replicas_start_and_by_nobody_else() -> None:
    found = manifests(INSTALLATIONS["least"])
    job, secret = of_kind(found, "Job"), of_kind(found, "Secret")
    assert container(job)["args"] == ["db", "upgrade"]
    weights = [int(m["metadata"]["annotations"]["helm.sh/hook-weight"]) for m in (secret, job)]
    assert weights[0] < weights[1]  # the job needs the secret
    env = container(of_kind(found, "Deployment"))["env"]
    assert {"name": "VIVAVOCE_DATABASE_UPGRADE", "value": "never"} in env

    alone = manifests({"secret": SECRET, "migration": {"enabled": False}})
    assert not [m for m in alone if m["kind"] == "Job"]
    env = container(of_kind(alone, "Deployment"))["env"]
    assert {"name": "VIVAVOCE_DATABASE_UPGRADE", "value": "auto"} in env


def test_replicas_are_added_before_all_slots_are_taken() -> None:
    values = {"secret": SECRET, "slots": 10, "autoscaling": {"kind": "hpa", "target": 70}}
    found = manifests(values)
    (metric,) = of_kind(found, "HorizontalPodAutoscaler")["spec"]["metrics"]
    assert metric["pods"]["target"]["averageValue"] == "7000m"
    assert "replicas" not in of_kind(found, "Deployment")["spec"]  # the autoscaler's to say


def test_only_the_service_and_who_reads_metrics_reach_the_engines() -> None:
    policy = of_kind(manifests(INSTALLATIONS["pools"]), "NetworkPolicy", "-engines")
    assert policy["spec"]["egress"] == []
    (rule,) = policy["spec"]["ingress"]
    service, *others = rule["from"]
    assert service["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "service"
    assert others == INSTALLATIONS["pools"]["networkPolicy"]["monitors"]


def test_prometheus_reads_the_metrics_of_engine_servers_as_the_alerts_expect() -> None:
    found = manifests(INSTALLATIONS["pools"])
    monitor = of_kind(found, "ServiceMonitor", "-engines")
    service = of_kind(found, "Service", "-engines")
    wanted = monitor["spec"]["selector"]["matchLabels"]
    assert wanted.items() <= service["metadata"]["labels"].items()
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
    (label,) = endpoint["relabelings"]
    alerts = (CHART.parents[1] / "alerts-cluster.yml").read_text()
    assert f'up{{job="{label["replacement"]}"}}' in alerts
    env = environment(found, of_kind(found, "Deployment", "-engines"))
    assert env["VIVAVOCE_METRICS_KEYS"] == INSTALLATIONS["pools"]["secret"]["metricsKeys"]


def test_a_file_that_a_setting_names_is_where_it_says() -> None:
    found = manifests(INSTALLATIONS["ingress"])
    service = of_kind(found, "Deployment")
    path = environment(found, service)["VIVAVOCE_CONSENT_FILE"]
    (mount,) = [m for m in container(service)["volumeMounts"] if m["name"] == "files"]
    (volume,) = [v for v in service["spec"]["template"]["spec"]["volumes"] if v["name"] == "files"]
    files = of_kind(found, "ConfigMap")
    assert files["metadata"]["name"] == volume["configMap"]["name"]
    assert path.removeprefix(f"{mount['mountPath']}/") in files["data"]


def test_changed_files_start_new_pods() -> None:
    before = of_kind(manifests({"secret": SECRET, "files": {"a": "old"}}), "Deployment")
    after = of_kind(manifests({"secret": SECRET, "files": {"a": "new"}}), "Deployment")
    annotations = [m["spec"]["template"]["metadata"]["annotations"] for m in (before, after)]
    assert annotations[0] != annotations[1]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "secret.databaseUrl must be a Postgres URL"),
        (
            {"secret": {**SECRET, "databaseUrl": "sqlite+aiosqlite:///x.db"}},
            "secret.databaseUrl must be a Postgres URL",
        ),
        ({"secret": {**SECRET, "apiKeys": ""}}, "secret.apiKeys must name a key"),
        ({"secret": {**SECRET, "grantsKey": ""}}, "secret.grantsKey must be set"),
        ({"secret": SECRET, "ingress": {"enabled": True}}, "ingress.host must name the host"),
        ({"secret": SECRET, "gateway": {"enabled": True}}, "gateway.name must name the Gateway"),
        (
            {
                "secret": SECRET,
                "gateway": {"enabled": True, "name": "g"},
                "ingress": {"enabled": True, "host": "a"},
            },
            "choose one",
        ),
        ({"secret": SECRET, "engines": {"enabled": True}}, "engines.key must be set"),
        ({"secret": SECRET, "llm": {"baseUrl": "http://x/v1"}}, "llm.model must name"),
        ({"secret": SECRET, "settings": {"API_KEYS": "x"}}, "settings.API_KEYS is secret"),
        ({"secret": SECRET, "settings": {"MAX_SESSIONS": 3}}, "set by the chart"),
        (
            {"secret": SECRET, "autoscaling": {"kind": "hpa", "min": 5, "max": 2}},
            "autoscaling.min must not be more",
        ),
        ({"secret": SECRET, "replicas": 0}, "/replicas"),
        ({"secret": SECRET, "slot": 4}, "slot"),
        ({"secret": SECRET, "autoscaling": {"kind": "vpa"}}, "/autoscaling/kind"),
        ({"secret": SECRET, "settings": {"endpoint_ms": 3}}, "endpoint_ms"),
        ({"secret": SECRET, "settings": {"ENDPOINT": 3}}, "ENDPOINT"),
        ({"secret": {**SECRET, "grantsKey": "short"}}, "/secret/grantsKey"),
        ({"secret": {**SECRET, "apiKeys": "short"}}, "/secret/apiKeys"),
        ({"secret": {**SECRET, "existing": "interviews"}}, "leave the other values .* empty"),
        (
            {"secret": {**SECRET, "databaseUrl": "postgresql://u:p@pooler:6432/n?ssl=require"}},
            "networkPolicy.databasePort must be 6432",
        ),
        ({"secret": SECRET, "serviceMonitor": {"enabled": True}}, "secret.metricsKeys must name"),
        (
            {"secret": SECRET, "llm": {"baseUrl": "http://x/v1", "model": "m"}},
            "networkPolicy.egress must let the service reach llm.baseUrl",
        ),
        (
            {"secret": SECRET, "settings": {"CONSENT_FILE": "/vivavoce/files/consent.txt"}},
            "files has no consent.txt, which settings.CONSENT_FILE names",
        ),
        ({"secret": SECRET, "files": {"../a": "x"}}, "'../a'"),
        (
            {
                "secret": {**SECRET, "metricsKeys": "m" * 32},
                "engines": {"enabled": True, "key": "e" * 32},
                "serviceMonitor": {"enabled": True},
            },
            "networkPolicy.monitors must let Prometheus reach the engine servers",
        ),
        ({"secret": SECRET, "engines": {"enabled": True, "key": "short"}}, "/engines/key"),
        ({"secret": SECRET, "podDisruptionBudget": {"maxUnavailable": "one"}}, "maxUnavailable"),
    ],
)
def test_values_that_cannot_work_are_refused_with_a_reason(
    values: dict[str, Any], why: str
) -> None:
    with pytest.raises(HelmError, match=why):
        manifests(values)


@pytest.mark.parametrize("name", ["7talks", "talks.hr"])
def test_a_release_whose_name_cannot_name_a_service_is_refused(name: str) -> None:
    with pytest.raises(HelmError, match="begin it with a letter, without dots"):
        manifests({"secret": SECRET}, name)


def test_settings_are_those_of_the_service() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    known = {field.name.upper() for field in msgspec.structs.fields(Settings)}
    assert set(schema["properties"]["settings"]["propertyNames"]["enum"]) == known


def test_a_database_by_another_port_is_reached_where_the_policy_lets_it() -> None:
    for url, port in (("u:p@db:6432/n", 6432), ("u:p@db:6432", 6432), ("u:p@[::1]/n", 5432)):
        secret = {**SECRET, "databaseUrl": f"postgresql+asyncpg://{url}"}
        manifests({"secret": secret, "networkPolicy": {"databasePort": port}})


def test_engine_servers_get_the_settings_and_a_new_key_starts_new_ones() -> None:
    values = {**INSTALLATIONS["pools"], "settings": {"STT_MODEL": "whisper-base", "THREADS": 2}}
    values["gpu"] = {"runtimeClassName": "nvidia"}
    engines = of_kind(manifests(values), "Deployment", "-engines")
    env = environment(manifests(values), engines)
    assert (env["VIVAVOCE_STT_MODEL"], env["VIVAVOCE_THREADS"]) == ("whisper-base", "2")
    assert engines["spec"]["template"]["spec"]["runtimeClassName"] == "nvidia"
    service = of_kind(manifests(values), "Deployment", "talks-vivavoce")
    assert "runtimeClassName" not in service["spec"]["template"]["spec"]

    values["engines"] = {**values["engines"], "key": "f" * 32}
    changed = of_kind(manifests(values), "Deployment", "-engines")
    annotations = [m["spec"]["template"]["metadata"]["annotations"] for m in (engines, changed)]
    assert annotations[0] != annotations[1]


def test_recordings_stay_mounted_where_nothing_is_recorded_any_more() -> None:
    found = manifests({"secret": SECRET, "recording": {"existingClaim": "recordings"}})
    service = of_kind(found, "Deployment")
    env = {entry["name"]: entry.get("value") for entry in container(service)["env"]}
    assert env["VIVAVOCE_RECORDING"] == "false"
    mounted = [mount["mountPath"] for mount in container(service)["volumeMounts"]]
    assert "/vivavoce/data/recordings" in mounted


def test_keda_gets_the_database_in_the_words_of_libpq() -> None:
    url = "postgresql+asyncpg://u:p@db/n?ssl=require"
    values = {"secret": {**SECRET, "databaseUrl": url}, "autoscaling": {"kind": "keda"}}
    secret = of_kind(manifests(values), "Secret")["stringData"]
    assert secret["KEDA_DATABASE_URL"] == "postgresql://u:p@db/n?sslmode=require"


def test_every_value_is_in_the_schema_with_its_default() -> None:
    def names(value: Any) -> Any:
        return {k: names(v) for k, v in value.items()} if isinstance(value, dict) else None

    schema = json.loads((CHART / "values.schema.json").read_text())

    def known(value: dict[str, Any], at: dict[str, Any], path: str) -> None:
        if "$ref" in at:
            at = schema["definitions"][at["$ref"].rpartition("/")[2]]
        for name, inner in value.items():
            if "properties" not in at:
                continue
            assert name in at["properties"], f"{path}/{name}"
            if isinstance(inner, dict):
                known(inner, at["properties"][name], f"{path}/{name}")

    with Chart.load(CHART) as loaded:
        known(loaded.values, schema, "")
        project = tomllib.loads((CHART.parents[2] / "pyproject.toml").read_text())["project"]
        assert loaded.metadata["appVersion"] == project["version"]
