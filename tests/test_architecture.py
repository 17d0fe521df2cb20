"""Which module may import what: service -> pipeline -> models, and a library where it belongs."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("service", "pipeline", "models")
"""Each may import itself and what is right of it."""

SERVICE = ROOT / "service"
ROOMS = (
    ("commands",),
    ("results", "live"),
    ("operations",),
    ("privacy",),
    ("recording",),
    ("security",),
    ("storage",),
)
"""Each may import itself and those of later lines, not its neighbours."""

EVERYWHERE = {"numpy", "msgspec"}
"""Values, not machinery."""
OF_LAYER = {
    "service": {
        "aiohttp",
        "aiosqlite",
        "alembic",
        "cryptography",
        "dotenv",
        "ijson",
        "jinja2",
        "jwt",
        "prometheus_client",
        "pythonjsonlogger",
        "sqlalchemy",
    },
    "pipeline": {"nameparser", "soxr"},
}
OF_ENGINE = (
    {"faster_whisper", "ctranslate2", "tokenizers"},
    {"llama_cpp", "jinja2"},
    {"piper", "onnxruntime"},
    {"webrtcvad"},
    {"soxr"},
    {"aiohttp"},
    {"av"},
    {"unicode_rbnf"},
)
"""A module of models/ keeps to the libraries of one engine."""
OF_ALL_ENGINES = {"models.device"}
"""Asks each library what it was built for."""


def modules(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """The full names of what a file imports, wherever in it the import stands."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package.rsplit(".", node.level - 1)[0] if node.level else ""
            base = ".".join(filter(None, (up, node.module)))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def libraries(path: Path) -> set[str]:
    """Top-level names that are neither ours nor Python's."""
    tops = {name.partition(".")[0] for name in imports(path)}
    return tops - set(LAYERS) - set(sys.stdlib_module_names) - EVERYWHERE


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_itself_and_those_below(layer):
    above = LAYERS[: LAYERS.index(layer)]
    wrong = [
        f"{name_of(path)} imports {name}"
        for path in modules(layer)
        for name in imports(path)
        if name.partition(".")[0] in above
    ]
    assert not wrong


@pytest.mark.parametrize("layer", OF_LAYER)
def test_a_library_is_used_only_in_the_layer_it_belongs_to(layer):
    foreign = {name_of(path): libraries(path) - OF_LAYER[layer] for path in modules(layer)}
    assert not {module: names for module, names in foreign.items() if names}


def test_a_model_adapter_imports_the_libraries_of_one_engine_only():
    wrong = {
        name_of(path): libraries(path)
        for path in modules("models")
        if name_of(path) not in OF_ALL_ENGINES
        and not any(libraries(path) <= engine for engine in OF_ENGINE)
    }
    assert not wrong


def test_a_room_of_the_service_imports_only_itself_and_those_below():
    rooms = [part for storey in ROOMS for part in storey]
    assert sorted(rooms) == sorted(path.parent.name for path in SERVICE.glob("*/__init__.py"))
    wrong = [
        f"{name_of(path)} imports {name}"
        for storey, here in enumerate(ROOMS)
        for room in here
        for path in (SERVICE / room).rglob("*.py")
        for name in imports(path)
        for other in (*(set(here) - {room}), *(part for above in ROOMS[:storey] for part in above))
        if f"{name}.".startswith(f"service.{other}.")
    ]
    assert not wrong


def test_no_modules_import_each_other_in_a_circle():
    names = {name_of(path): path for layer in LAYERS for path in modules(layer)}
    graph = {name: set(imports(path)) & names.keys() - {name} for name, path in names.items()}
    graphlib.TopologicalSorter(graph).prepare()


def test_only_the_entry_point_reads_the_environment():
    readers = {
        name_of(path)
        for layer in LAYERS
        for path in modules(layer)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"os.environ", "os.getenv", "os.environb"}
    }
    readers |= {
        name_of(path)
        for layer in LAYERS
        for path in modules(layer)
        if {"os.environ", "os.getenv"} & set(imports(path))
    }
    assert readers <= {"service.__main__"}


def test_no_task_is_started_without_a_parent():
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for layer in LAYERS
        for path in modules(layer)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"create_task", "ensure_future"}
        and ast.unparse(node.value) in {"asyncio", "loop", "asyncio.get_running_loop()"}
    ]
    assert not wrong
