"""What can be said of the images, the compose file and the deployment examples without building
or running them."""

import ipaddress
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from scripts.measure.server import FAKES, free_port, running
from service.admission.seat import LEAVING_SECONDS
from service.app import REQUESTS_SECONDS
from service.finalization.closing import ASSESSMENT_SECONDS
from service.finalization.finalize import LARGEST_BODY
from service.live.connection import HEARTBEAT_S
from service.settings import DEFAULT_DATABASE, PREFIX, Settings, load

ROOT = Path(__file__).parent.parent
IMAGES = ("Dockerfile", "Dockerfile.gpu")
BUILD_TOOLS = {"gcc", "g++", "build-essential", "libc6-dev", "cmake", "ninja-build", "make", "git"}
FOLDERS = ("models", "pipeline", "service")
STOPPING_SECONDS = (
    Settings().drain_seconds + LEAVING_SECONDS + REQUESTS_SECONDS + ASSESSMENT_SECONDS
)
"""What it may take at most to stop in good order."""

every_image = pytest.mark.parametrize("image", IMAGES)
every_nginx = pytest.mark.parametrize("file", ["nginx.conf", "nginx-cluster.conf"])


@dataclass(frozen=True)
class Step:
    keyword: str
    text: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)


def steps(image: str) -> list[Step]:
    """The instructions, without comments, each on one line."""
    lines = [line for line in (ROOT / image).read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Step(*line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def final_stage(image: str) -> list[Step]:
    found = steps(image)
    last = max(at for at, step in enumerate(found) if step.keyword == "FROM")
    return found[last:]


def one(image: str, keyword: str) -> Step:
    (step,) = [step for step in final_stage(image) if step.keyword == keyword]
    return step


def environment(image: str) -> dict[str, str]:
    pairs = one(image, "ENV").words
    return dict(pair.split("=", 1) for pair in pairs)


def copied(image: str) -> list[str]:
    """Sources in the checkout; not what comes from another stage."""
    found = []
    for step in steps(image):
        if step.keyword == "COPY" and not step.text.startswith("--from"):
            found += step.words[:-1]
    return found


def sent(path: PurePosixPath) -> bool:
    """Whether .dockerignore lets a file into the build; the last line that matches it decides."""
    verdict = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            if any(matches(candidate, pattern) for candidate in (path, *path.parents)):
                verdict = line.startswith("!")
    return verdict


def matches(path: PurePosixPath, pattern: str) -> bool:
    """As Docker does: `**` stands for any number of folders, also for none."""
    parts, wanted = path.parts, PurePosixPath(pattern).parts
    if "**" in wanted:
        at = wanted.index("**")
        rest = len(wanted) - at - 1
        if len(parts) < at + rest:
            return False
        parts, wanted = parts[:at] + parts[-rest:], wanted[:at] + wanted[at + 1 :]
    return len(parts) == len(wanted) and all(map(fnmatch, parts, wanted))


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def deployed(name: str) -> str:
    """An example without its comments."""
    text = (ROOT / "deploy" / name).read_text()
    return "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))


@every_image
def test_the_final_stage_has_no_build_tools(image):
    assert "devel" not in final_stage(image)[0].text
    commands = " ".join(step.text for step in final_stage(image) if step.keyword == "RUN")
    assert not BUILD_TOOLS & set(commands.split())
    assert "pip" not in commands


@every_image
def test_it_runs_as_a_numbered_user_that_is_not_root(image):
    user, group = one(image, "USER").text.split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert f"--uid {user} " in next(s.text for s in final_stage(image) if s.keyword == "RUN")


@every_image
def test_every_package_is_checked_by_its_hash_or_made_here(image):
    commands = " && ".join(step.text for step in steps(image) if step.keyword == "RUN")
    installs = [
        c for c in re.split(r"&&|;", commands) if re.search(r"\bpip\b.*\b(install|wheel)", c)
    ]
    assert installs
    for command in installs:
        assert "--require-hashes" in command or "--no-index" in command, command
        assert "--no-deps" in command, command


@every_image
def test_llama_is_compiled_for_named_processors_and_not_for_the_one_that_builds(image):
    arguments = " ".join(step.text for step in steps(image) if step.keyword == "ARG")
    assert "-DGGML_NATIVE=OFF" in arguments
    assert "-DGGML_AVX2=ON" in arguments
    if image.endswith("gpu"):
        assert re.search(r"CUDA_ARCHITECTURES=\"[\dareal;-]+\"", arguments)


@every_image
def test_every_file_that_is_copied_is_in_the_checkout_and_reaches_the_build(image):
    for source in copied(image):
        path = ROOT / source
        # Unlike rglob, os.walk goes on when a folder vanishes under it, as __pycache__ may.
        walked = os.walk(path) if path.is_dir() else [(path.parent, [], [path.name])]
        files = [Path(folder, name) for folder, _, names in walked for name in names]
        reaching = [p for p in files if sent(PurePosixPath(p.relative_to(ROOT)))]
        assert reaching, source
        assert path.exists(), source


def test_both_images_are_made_of_the_same_files():
    assert copied("Dockerfile") == copied("Dockerfile.gpu")


def test_the_whole_service_reaches_the_build_and_nothing_private():
    sources = [p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py")]
    weights = [p for p in (ROOT / "models" / "starter").rglob("*") if p.is_file()]
    pages = [p for p in (ROOT / "service" / "page").iterdir() if p.is_file()]
    assert weights
    assert pages
    for path in (*sources, *weights, *pages, ROOT / "models" / "manifest.toml"):
        assert sent(PurePosixPath(path.relative_to(ROOT))), path
    for private in (".env", ".git/config", "data/vivavoce.db", "models/downloaded/a/model.bin"):
        assert not sent(PurePosixPath(private)), private


@every_image
def test_it_listens_on_the_port_of_the_settings_on_every_address_of_the_container(image):
    assert one(image, "EXPOSE").text == str(Settings().port)
    assert load(environment(image)).host == "0.0.0.0"


def test_nothing_is_reported_to_the_makers_of_libraries():
    """onnxruntime does so by default since 1.29; what it reads is the environment at its import."""
    for image in IMAGES:
        assert environment(image)["ORT_DISABLE_TELEMETRY"] == "1"
    assert "Environment=ORT_DISABLE_TELEMETRY=1" in deployed("vivavoce.service")


@every_image
def test_its_volumes_are_where_the_default_settings_write(image):
    home = PurePosixPath(one(image, "WORKDIR").text)
    database = PurePosixPath(DEFAULT_DATABASE.partition(":///")[2])
    volumes = {PurePosixPath(volume) for volume in yaml.safe_load(one(image, "VOLUME").text)}
    assert volumes == {home / database.parent, home / Settings().models_dir}


@every_image
def test_health_is_asked_without_curl_by_a_program_that_is_in_the_image(image):
    check = one(image, "HEALTHCHECK").text
    assert "curl" not in check
    assert "wget" not in check
    program = yaml.safe_load(check.partition("CMD ")[2])[-1]
    assert f"deploy/{Path(program).name}" in copied(image)
    assert Path(program).parent == Path("/app")


def asked_for_health(port: int) -> int:
    program = [sys.executable, "-S", ROOT / "deploy" / "healthcheck.py"]
    env = {f"{PREFIX}PORT": str(port), "http_proxy": "http://127.0.0.1:1"}
    return subprocess.run(program, env=env, capture_output=True).returncode


def test_a_service_that_answers_is_healthy_and_a_silent_port_is_not():
    with running(FAKES) as server:
        assert asked_for_health(int(server.url.rpartition(":")[2])) == 0
    assert asked_for_health(free_port()) == 1


@pytest.mark.parametrize(("service", "image"), [("vivavoce", 0), ("vivavoce-gpu", 1)])
def test_the_composed_service_builds_its_image_and_has_real_settings(service, image):
    described = compose()["services"][service]
    build = described["build"]
    dockerfile = build["dockerfile"] if isinstance(build, dict) else "Dockerfile"
    assert dockerfile == IMAGES[image]
    given = {k: re.sub(r"\$\{.*?\}", "secret", v) for k, v in described["environment"].items()}
    settings = load(given)
    assert settings.database_url.startswith("postgresql+asyncpg://")
    assert described["ports"] == [f"127.0.0.1:{settings.port}:{settings.port}"]
    (profile,) = described["profiles"]
    assert profile == ("gpu" if image else "cpu")


def test_the_composed_service_waits_for_a_healthy_database_and_may_write_to_its_volumes_only():
    services = compose()["services"]
    assert "pg_isready" in services["postgres"]["healthcheck"]["test"]
    assert "ports" not in services["postgres"]
    for name in ("vivavoce", "vivavoce-gpu"):
        described = services[name]
        assert described["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert described["read_only"] is True
        assert described["cap_drop"] == ["ALL"]
        mounted = {volume.split(":")[1] for volume in described["volumes"]}
        assert mounted == set(yaml.safe_load(one(IMAGES[0], "VOLUME").text))
    gpu = services["vivavoce-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert gpu[0]["capabilities"] == ["gpu"]


@pytest.mark.parametrize("service", ["vivavoce", "vivavoce-gpu"])
def test_the_composed_service_is_given_time_to_end_interviews(service):
    (minutes,) = re.fullmatch(
        r"(\d+)m", compose()["services"][service]["stop_grace_period"]
    ).groups()
    assert int(minutes) * 60 > STOPPING_SECONDS


def test_every_example_of_the_manual_gives_it_as_much_time():
    text = (ROOT / "docs" / "deployment.md").read_text()
    given = re.findall(r"--stop-timeout (\d+)", text)
    assert given
    assert min(map(int, given)) > STOPPING_SECONDS
    (more,) = re.findall(r"by (\d+) seconds", (ROOT / ".env.example").read_text())
    assert int(more) >= STOPPING_SECONDS - Settings().drain_seconds


@every_image
def test_what_a_container_logs_is_for_programs(image):
    assert load(environment(image)).log_format == "json"


@every_nginx
def test_no_proxy_lets_the_metrics_out(file):
    assert re.search(r"location ~ /metrics\$ \{\s+return 404;", deployed(file))
    assert "@metrics path */metrics" in deployed("Caddyfile")
    assert "respond @metrics 404" in deployed("Caddyfile")


@every_nginx
def test_nginx_passes_on_what_the_service_needs(file):
    text = deployed(file)
    for header in ("Host $http_host", "X-Forwarded-For $remote_addr", "Upgrade $http_upgrade"):
        assert f"proxy_set_header {header};" in text, header
    assert re.search(rf"server 127\.0\.0\.1:{Settings().port}\b", text)
    (largest,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(largest) * 2**20 >= LARGEST_BODY
    assert "proxy_request_buffering off;" in text
    patience = re.findall(r"proxy_read_timeout (\d+)s;", text)[0]
    assert int(patience) > max(ASSESSMENT_SECONDS, HEARTBEAT_S)
    assert "$request_uri" not in re.findall(r"log_format.*", text)[0]


def test_haproxy_passes_on_what_the_service_needs():
    text = deployed("haproxy.cfg")
    assert "set-header X-Forwarded-For %[src]" in text
    assert "return status 404 if { path_end /metrics }" in text
    assert "GET uri /livez" in " ".join(text.split()), "a full replica still holds interviews"
    for patience in re.findall(r"^ +timeout (?:client|server|tunnel) +(\d+)s", text, re.MULTILINE):
        assert int(patience) > max(ASSESSMENT_SECONDS, HEARTBEAT_S)
    (log,) = re.findall(r"log-format .*", text)
    assert not re.search(r"%HP|%HU|%r\b|%\{", log), "no path in it"


def test_caddy_passes_on_to_the_port_of_the_settings():
    assert f"reverse_proxy 127.0.0.1:{Settings().port}" in deployed("Caddyfile")


def test_what_restarts_the_service_waits_for_less_than_a_second_and_does_not_give_up():
    unit = deployed("vivavoce.service")
    (milliseconds,) = re.findall(r"^RestartSec=(\d+)ms$", unit, re.MULTILINE)
    assert int(milliseconds) < 1000
    assert re.search(r"^StartLimitIntervalSec=0$", unit, re.MULTILINE)
    for service in ("vivavoce", "vivavoce-gpu"):
        assert compose()["services"][service]["restart"] == "unless-stopped"


def test_the_systemd_service_is_given_time_to_end_interviews_and_no_way_out():
    text = deployed("vivavoce.service")
    (patience,) = re.findall(r"TimeoutStopSec=(\d+)", text)
    assert int(patience) > STOPPING_SECONDS
    assert "User=vivavoce" in text
    assert "IPAddressDeny=any" in text
    assert re.search(r"ExecStart=\S+/\.venv/bin/vivavoce serve$", text, re.MULTILINE)


@pytest.mark.parametrize(
    "line",
    [
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged",
        "PrivateDevices=yes",
        "ProtectProc=invisible",
        "RemoveIPC=yes",
        "RestrictNamespaces=yes",
        "CapabilityBoundingSet=",
        "LimitNOFILE=65536",
    ],
)
def test_the_systemd_service_may_do_no_more_than_it_needs(line):
    assert line in deployed("vivavoce.service").splitlines()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_its_service_and_finds_it_little_exposed():
    unit = str(ROOT / "deploy" / "vivavoce.service")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-200:]
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    complaints = [line for line in verified.stderr.splitlines() if "not executable" not in line]
    assert complaints == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_a_replica_under_systemd_reaches_other_machines_of_its_network_only(tmp_path):
    unit = shutil.copy(ROOT / "deploy" / "vivavoce.service", tmp_path)
    folder = tmp_path / "vivavoce.service.d"
    folder.mkdir()
    shutil.copy(ROOT / "deploy" / "vivavoce-cluster.conf", folder / "cluster.conf")
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}

    def analyze(*arguments):
        command = ["systemd-analyze", *arguments, unit]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )  # fmt: skip

    complaints = analyze("verify").stderr.splitlines()
    assert [line for line in complaints if "not executable" not in line] == []
    judged = analyze("security", "--offline=true", "--threshold=20")
    assert judged.returncode == 0
    assert "IP address allow list with non-localhost entries" in judged.stdout
    for network in re.findall(r"[^\s=]+/\d+", deployed("vivavoce-cluster.conf")):
        assert ipaddress.ip_network(network).is_private, network


def test_the_notice_names_every_locked_package():
    lock = (ROOT / "requirements.lock").read_text()
    notice = set(re.findall(r"[\w.-]+\w", (ROOT / "NOTICE").read_text().lower()))
    locked = set(re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE))
    assert locked - notice == set()
