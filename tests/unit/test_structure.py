"""The structure holds: services never import one another, no import cycles, short functions, plain names."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

# The composition root: the command wires services together and may name them all.
WIRES = "services.cli"
LONGEST_FUNCTION = 50
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc", "util", "helper"}
FILES = sorted(p for folder in ("services", "shared") for p in (ROOT / folder).rglob("*.py"))


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, *, at_import: bool) -> Iterator[str]:
    """The modules of ours that a file imports; `at_import` leaves out what functions import when they run."""
    tree = ast.parse(path.read_text())
    inside = {
        id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.Lambda) for n in ast.walk(f)
    }
    for node in ast.walk(tree):
        if at_import and id(node) in inside:
            continue
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] in ("services", "shared")
        ):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in ("services", "shared"))


def test_services_never_import_one_another() -> None:
    wrong = []
    for path in FILES:
        own = ".".join(module(path).split(".")[:2])
        if own == WIRES:
            continue
        for name in imports(path, at_import=False):
            theirs = ".".join(name.split(".")[:2])
            if theirs.startswith("services.") and theirs != own:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_shared_never_imports_a_service() -> None:
    shared = [p for p in FILES if module(p).startswith("shared")]
    assert shared
    wrong = [(module(p), n) for p in shared for n in imports(p, at_import=False) if n.startswith("services")]
    assert not wrong


def test_there_are_no_import_cycles() -> None:
    modules = {module(path) for path in FILES}
    graph = {
        module(path): {n for n in imports(path, at_import=True) if n in modules} - {module(path)}
        for path in FILES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as e:
        pytest.fail(f"import cycle: {' -> '.join(e.args[1])}")


def test_functions_are_short_enough_to_read_whole() -> None:
    long = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines")
    assert not long


def test_files_are_named_for_what_they_do() -> None:
    assert not [str(p) for p in FILES if set(p.with_suffix("").parts) & FORBIDDEN_NAMES]


def test_every_public_thing_says_what_it_is() -> None:
    silent = []
    for path in FILES:
        tree = ast.parse(path.read_text())
        if path.name != "__init__.py" and not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")  # type: ignore[attr-defined]
    assert not silent
