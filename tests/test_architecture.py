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

ROOMS = {
    "models": (
        ("load", "fake"),
        ("choice",),
        ("registry",),
        ("end_of_turn", "llama", "openai", "piper", "remote", "vad", "whisper"),
        ("device", "manifest", "spoken", "speed", "worker"),
        ("engine_state", "fetched", "files", "onnx"),
        ("contracts", "errors"),
    ),
    "pipeline": (
        ("checks",),
        ("assessment",),
        ("interview",),
        ("conversation",),
        ("journal",),
        ("language",),
        ("matching", "loop_lag", "errors"),
    ),
    "service": (
        ("__main__",),
        ("commands",),
        ("serving",),
        ("app", "engine_server"),
        ("openapi",),
        ("operations", "interviews"),
        ("live",),
        ("finalization",),
        ("reports",),
        ("scores",),
        ("privacy",),
        ("recording", "page"),
        ("http",),
        ("security",),
        ("cluster",),
        ("storage",),
        ("observability", "admission", "engines", "engine_config"),
        ("default_models", "env_file"),
        ("settings",),
        ("api_keys",),
        ("errors", "json_text", "times"),
    ),
}
"""The rooms of each layer: folders, and modules that stand alone. Each may import itself and those
of later lines, not its neighbours. A module that no line names fails the test."""

EVERYWHERE = {"numpy", "msgspec"}
"""Values, not machinery."""
OF_LAYER = {
    "service": {
        "aiohttp",
        "aiosqlite",
        "alembic",
        "asyncpg",
        "av",
        "cryptography",
        "dotenv",
        "ijson",
        "jinja2",
        "jwt",
        "prometheus_client",
        "pythonjsonlogger",
        "sqlalchemy",
    },
    "pipeline": {"HanTa", "av", "nameparser", "soxr"},
}
OF_ENGINE = (
    {"faster_whisper", "ctranslate2", "tokenizers"},
    {"llama_cpp", "jinja2"},
    {"piper", "onnxruntime"},
    {"webrtcvad"},
    {"soxr"},
    {"aiohttp"},
    {"unicode_rbnf"},
)
"""A module of models/ keeps to the libraries of one engine."""
AROUND_ENGINES = (
    "models.load",
    "models.choice",
    "models.registry",
    "models.device",
    "models.manifest",
)
"""They know engines by the name in the manifest only. Voice activity has no entry there."""


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
        if not any(libraries(path) <= engine for engine in OF_ENGINE)
    }
    assert not wrong


def test_what_is_around_the_engines_imports_none_of_them():
    engines = {path.parent.name for path in (ROOT / "models").glob("*/engine.py")}
    assert engines >= {"whisper", "llama", "piper", "openai"}
    around = [path for path in modules("models") if name_of(path) in AROUND_ENGINES]
    assert not {
        (name_of(path), name)
        for path in around
        for name in imports(path)
        if room_of("models", name) in engines
    }


def room_of(layer: str, module: str) -> str:
    """`conversation` for pipeline.conversation.turns; empty for the layer itself and for others."""
    parts = module.split(".")
    return parts[1] if parts[0] == layer and len(parts) > 1 else ""


def uphill(layer: str, edges: dict[str, set[str]]) -> list[str]:
    """The imports, direct or by way of others, that lead to a neighbour or upwards."""
    storey = {room: n for n, rooms in enumerate(ROOMS[layer]) for room in rooms}
    wrong = []
    for module, targets in edges.items():
        seen, waiting = set(), set(targets)
        while waiting:
            target = waiting.pop()
            seen.add(target)
            waiting |= edges.get(target, set()) - seen
        here = room_of(layer, module)
        wrong += [
            f"{module} reaches {target}"
            for target in sorted(seen)
            if here
            and (there := room_of(layer, target))
            and there != here
            and storey[there] <= storey[here]
        ]
    return wrong


def edges_of(layer: str) -> dict[str, set[str]]:
    """Who imports whom in a layer. A package imports nothing for being asked for a part of it."""
    names = {name_of(path): path for path in modules(layer)}
    return {name: set(imports(path)) & names.keys() - {name} for name, path in names.items()}


def rooms_of(layer: str) -> list[str]:
    return sorted(room for storey in ROOMS[layer] for room in storey)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_module_has_a_room(layer):
    there = {room_of(layer, name_of(path)) for path in modules(layer)} - {""}
    assert sorted(there) == rooms_of(layer)


def test_a_planted_module_has_none():
    assert room_of("service", "service.misc") not in rooms_of("service")
    assert room_of("service", "service.live.misc") in rooms_of("service")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_room_reaches_only_itself_and_those_below(layer):
    assert not uphill(layer, edges_of(layer))


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("service.storage.store", "service.live.websocket"),  # upwards
        (
            "pipeline.conversation.reply",
            "pipeline.interview.plan",
        ),  # the agent is put in from above
        ("service.admission", "service.engines"),  # to a neighbour
        ("models.errors", "models.load"),  # a circle, by way of others
    ],
)
def test_a_planted_import_is_found(importer, imported):
    layer = importer.partition(".")[0]
    edges = edges_of(layer)
    edges[importer].add(imported)
    assert f"{importer} reaches {imported}" in uphill(layer, edges)


def graph() -> dict[str, set[str]]:
    """Who imports whom in all layers."""
    names = {name_of(path): path for layer in LAYERS for path in modules(layer)}
    return {name: set(imports(path)) & names.keys() - {name} for name, path in names.items()}


def test_no_modules_import_each_other_in_a_circle():
    graphlib.TopologicalSorter(graph()).prepare()


def test_a_planted_circle_is_found():
    planted = graph()
    planted["pipeline.conversation.floor"].add("pipeline.conversation.turns")
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(planted).prepare()


def test_imports_are_found_wherever_they_stand():
    path = ROOT / "service/storage/schema.py"  # it imports Alembic in a function
    assert {"alembic.command", "sqlalchemy"} <= set(imports(path))
    assert "service.storage.product_tables" in set(imports(ROOT / "service/storage/database.py"))


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


def orphans(text: str) -> list[int]:
    """The lines that start a task which no TaskGroup waits for."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and node.attr in {"create_task", "ensure_future"}
        and ast.unparse(node.value) in {"asyncio", "loop", "asyncio.get_running_loop()"}
    ]


def test_no_task_is_started_without_a_parent():
    found = {
        name_of(path): orphans(path.read_text()) for layer in LAYERS for path in modules(layer)
    }
    assert not {module: lines for module, lines in found.items() if lines}


def test_a_planted_task_without_a_parent_is_found():
    assert orphans("asyncio.create_task(work())\ntasks.create_task(work())\n") == [1]
    assert orphans("asyncio.get_running_loop().create_task(work())\n") == [1]


MOST_LINES = 40
"""Of code, in a function: neither its docstring, nor comments or empty lines."""
MOST_ATTRIBUTES = 12
"""Of a class that does something: settings, tables and plain data may have more."""
ATTRIBUTES_OF_A_SESSION = 9
"""It has everything; more than these and its parts are no longer to be seen."""
DATA = {"Base", "Struct", "Enum", "StrEnum", "IntEnum", "NamedTuple"}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(function: FunctionNode, source: list[str]) -> int:
    body = function.body
    docstring: set[int] = set()
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        docstring = set(range(body[0].lineno, (body[0].end_lineno or 0) + 1))
    lines = range(function.lineno, (function.end_lineno or 0) + 1)
    written = (source[n - 1].strip() for n in lines if n not in docstring)
    return sum(bool(line) and not line.startswith("#") for line in written)


def attributes(class_: ast.ClassDef) -> set[str]:
    """What an instance or the class itself is given a value of."""
    own = [
        target
        for node in class_.body
        for target in (
            [node.target]
            if isinstance(node, ast.AnnAssign)
            else node.targets
            if isinstance(node, ast.Assign)
            else []
        )
    ]
    names = {target.id for target in own if isinstance(target, ast.Name)}
    return names | {
        node.attr
        for node in ast.walk(class_)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) == "self"
    }


def acts(class_: ast.ClassDef) -> bool:
    """Whether a class has methods of its own, beside properties and those that Python calls."""
    bases = {ast.unparse(base).rpartition(".")[2] for base in class_.bases}
    methods = [node for node in class_.body if isinstance(node, FunctionNode)]
    return not bases & DATA and any(
        not method.name.startswith("__")
        and not any(ast.unparse(each) == "property" for each in method.decorator_list)
        for method in methods
    )


def too_large(module: str, text: str) -> Iterator[str]:
    source, tree = text.splitlines(), ast.parse(text)

    def look(node: ast.AST, within: str) -> Iterator[str]:
        for each in ast.iter_child_nodes(node):
            named = isinstance(each, ast.ClassDef | FunctionNode)
            name = f"{within}.{each.name}" if named else within  # type: ignore[attr-defined]
            if isinstance(each, FunctionNode) and code_lines(each, source) > MOST_LINES:
                yield name
            if (
                isinstance(each, ast.ClassDef)
                and acts(each)
                and len(attributes(each)) > MOST_ATTRIBUTES
            ):
                yield name
            yield from look(each, name)

    return look(tree, module)


def test_functions_and_classes_keep_to_their_size():
    found = {
        name
        for layer in LAYERS
        for path in modules(layer)
        for name in too_large(name_of(path), path.read_text())
    }
    assert not found


def test_a_session_is_made_of_few_parts():
    tree = ast.parse((ROOT / "pipeline/conversation/session.py").read_text())
    (session,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert len(attributes(session)) <= ATTRIBUTES_OF_A_SESSION


def test_a_planted_function_or_class_that_is_too_large_is_found():
    long = "def long():\n" + "    pass\n" * MOST_LINES
    wide = "class Wide:\n    def act(self):\n" + "".join(
        f"        self.a{n} = {n}\n" for n in range(MOST_ATTRIBUTES + 1)
    )
    data = wide.replace("class Wide:", "class Data(Struct):")
    assert list(too_large("planted", long + wide + data)) == ["planted.long", "planted.Wide"]
    assert not list(too_large("planted", long.replace("    pass\n", "    # note\n", 1)))
