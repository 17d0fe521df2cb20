"""Renders the chart for some installations; run as a program, it rewrites what the tests expect.

python -m tests.helm.rendering
"""

from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart

HERE = Path(__file__).parent
CHART = HERE.parents[1] / "deploy" / "helm" / "vivavoce"
GOLDEN = HERE / "golden"

SECRET = {
    "databaseUrl": "postgresql+asyncpg://vivavoce:secret@postgres/vivavoce",
    "apiKeys": "0123456789abcdef0123456789abcdef",
    "grantsKey": "k" * 32,
}

INSTALLATIONS: dict[str, dict[str, Any]] = {
    "least": {"secret": SECRET},
    "ingress": {
        "replicas": 3,
        "slots": 8,
        "settings": {
            "ENDPOINT_MS": 700,
            "LOG_LEVEL": "warning",
            "CONSENT_FILE": "/vivavoce/files/consent.txt",
        },
        "files": {
            "consent.txt": "You agree to an interview with a machine.\nYou may stop at any time.\n"
        },
        "secret": {
            **SECRET,
            "metricsKeys": "m" * 32,
        },
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "host": "interviews.example.com",
            "tlsSecret": "interviews-tls",
        },
        "autoscaling": {"kind": "hpa", "min": 3, "max": 12},
        "recording": {"enabled": True, "storageClassName": "nfs"},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    },
    "pools": {
        "secret": {**SECRET, "metricsKeys": "m" * 32},
        "gateway": {"enabled": True, "name": "public", "hostnames": ["interviews.example.com"]},
        "autoscaling": {"kind": "keda", "holdsTable": "vivavoce.session_holds"},
        "engines": {"enabled": True, "key": "e" * 32, "gpu": {"count": 1}},
        "llm": {"baseUrl": "http://vllm:8000/v1", "model": "interviewer"},
        "models": {"existingClaim": "weights"},
        "networkPolicy": {
            "egress": [{"ports": [{"port": 8000}]}],
            "monitors": [
                {
                    "namespaceSelector": {
                        "matchLabels": {"kubernetes.io/metadata.name": "monitoring"}
                    }
                }
            ],
        },
        "serviceMonitor": {"enabled": True},
    },
    "existing": {
        "secret": {"existing": "interviews"},
        "migration": {"existingSecret": "interviews-owner"},
        "gpu": {"count": 1, "runtimeClassName": "nvidia"},
        "nodeSelector": {"nvidia.com/gpu.present": "true"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        "recording": {"enabled": True, "existingClaim": "recordings"},
    },
}


def rendered(values: dict[str, Any], release: str = "talks") -> str:
    """Return the manifests that Helm makes of these values, as one YAML text.

    Raises `helm_python` errors, with the chart's own words where it refuses them."""
    with Chart.load(CHART) as chart:
        files = chart.render(values=values, name=release, namespace="hr", is_install=True)
    return "".join(
        f"---\n# {Path(name).name}\n{text.strip()}\n"
        for name, text in sorted(files.items())
        if text.strip() and not name.endswith("NOTES.txt")
    )


def manifests(values: dict[str, Any], release: str = "talks") -> list[dict[str, Any]]:
    """Return the manifests as objects."""
    return [found for found in yaml.safe_load_all(rendered(values, release)) if found]


if __name__ == "__main__":
    for name, values in INSTALLATIONS.items():
        (GOLDEN / f"{name}.yaml").write_text(rendered(values))
