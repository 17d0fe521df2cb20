"""The examples for Prometheus and Grafana ask for numbers that are there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from models import fake
from models.engine_state import EngineState

from ..conftest import Serve
from ..observability.test_metrics import scraped

DEPLOY = Path(__file__).parents[3] / "deploy"
MANUAL = DEPLOY.parent / "docs" / "troubleshooting.md"


class Voice(fake.SteadyVoice):
    state = EngineState(alive=True)


def rules(name: str) -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / name).read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def dashboard(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DEPLOY / name).read_text())["panels"]
    return found


def expressions(name: str) -> list[str]:
    if name.startswith("alerts"):
        return [rule["expr"] for rule in rules(name)]
    return [target["expr"] for panel in dashboard(name) for target in panel["targets"]]


def asked_for(name: str) -> set[str]:
    """The numbers of the service that a file asks for."""
    return set(re.findall(r"\b(?:vivavoce|process)_[a-z_]+", " ".join(expressions(name))))


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
async def test_every_number_that_is_asked_for_is_there_from_the_start(
    serve: Serve, name: str
) -> None:
    told = set(await scraped(await serve(fake.engines(voice=Voice()))))
    names = {sample.partition("{")[0] for sample in told}
    asked = " ".join(expressions(name))
    metrics = asked_for(name)
    assert len(metrics) > 9
    assert metrics - names == set()
    for metric, label, value in re.findall(r'(vivavoce_\w+)\{(\w+)="(\w+)"\}', asked):
        labelled = [sample for sample in told if sample.startswith(metric)]
        assert any(f"{{{label}={value}}}" in sample for sample in labelled), (metric, value)


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
async def test_every_label_that_is_grouped_by_is_one_of_the_number(serve: Serve, name: str) -> None:
    told = set(await scraped(await serve(fake.engines(voice=Voice()))))
    asked = " ".join(expressions(name))
    grouped = re.findall(r"by \(([^)]*)\)\s+\((?:rate|increase)\((\w+)", asked)
    assert grouped
    for labels, metric in grouped:
        for label in set(labels.split(", ")) - {"instance"}:  # Prometheus' own
            assert any(s.startswith(metric) and f"{{{label}=" in s for s in told), (metric, label)


@pytest.mark.parametrize("name", ["alerts.yml", "alerts-cluster.yml"])
def test_every_alert_says_how_urgent_it_is_and_the_manual_what_to_do(name: str) -> None:
    for rule in rules(name):
        assert rule["alert"].startswith("Vivavoce")
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")
        assert f"`{rule['alert']}`" in MANUAL.read_text()
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_the_rules_are_where_prometheus_looks_for_them() -> None:
    settings = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    assert settings["rule_files"] == ["alerts.yml"]
    (job,) = settings["scrape_configs"]
    assert job["job_name"] == "vivavoce"
    assert job.get("metrics_path", "/metrics") == "/metrics"
