"""The layering of the package: imports point down, and a heavy library is imported only where it does its work."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nasdsl

PACKAGE = Path(nasdsl.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

BASE = {"record", "source", "diagnostics"}
FRONT = BASE | {"syntax", "space", "ops"}
# What each part of the package may import of the others.
BELOW = {
    "version": set(),
    "record": set(),
    "source": set(),
    "diagnostics": {"record", "source"},
    "report": BASE,
    "explain": BASE,
    "fixes": BASE | {"syntax"},
    "highlighting": {"syntax"},
    "pygments": {"highlighting"},
    "textmate": {"highlighting"},
    "syntax": BASE,
    "ops": BASE,
    "space": BASE | {"ops"},
    "compiler": FRONT,
    "genotype_file": BASE | {"space"},
    "draw": FRONT | {"compiler"},
    "data": BASE,
    "evolve": FRONT | {"compiler", "draw", "data", "version"},
    "relax": FRONT | {"compiler", "draw", "data", "evolve", "version", "genotype_file"},
    "terminal": FRONT | {"compiler", "draw", "data", "evolve", "relax", "version", "report", "explain"},
    "notebook": FRONT | {"compiler", "draw", "terminal", "report"},
    "lsp": FRONT | {"compiler", "version", "report", "fixes", "terminal", "explain", "__init__"},
    "cli": FRONT | {"compiler", "draw", "data", "evolve", "relax", "version", "report", "explain", "terminal", "lsp"},
    "__main__": {"cli"},
    "__init__": FRONT | {"compiler", "draw", "data", "evolve", "version"},
}
BUILT = {
    f"compiler/{name}.py"
    for name in (
        "module",
        "source",
        "deploy",
        "generated",
        "supernet",
        "schedule",
        "inherit",
        "merged",
        "norms",
        "depthwise",
    )
}
# Where a library may be imported at all; a folder stands for everything in it.
HOMES = {
    "lark": {"syntax"},
    "deap": {"evolve"},
    "graphviz": {"draw"},
    "graphviz_pure": {"draw"},
    "torch": {"ops", *BUILT, "compiler/namespace.py", "evolve", "data", "relax"},
    "networkx": {"compiler", "draw", "evolve"},
    "pydantic": {"evolve", "relax", "genotype_file.py"},
    "matplotlib": {"relax/plots.py"},
    "numpy": {"data", "evolve", "relax", "ops", "compiler/census.py"},
    "rich": {"terminal"},
    "click": {"terminal", "cli.py"},
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
    "pygments": {"pygments.py"},
}
TORCH = {*BUILT, "evolve", "relax"}
HEAVY = {"torch", "networkx", "deap", "pydantic", "numpy", "rich", "graphviz"}


def imports(path: Path) -> Iterator[tuple[str, int, bool, bool]]:
    """Every import of a module: full name, line, whether in a function, whether only for the type checker."""

    def walk(node: ast.AST, inside: bool, typing: bool) -> Iterator[tuple[str, int, bool, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, child.lineno, inside, typing) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: a relative import"
                # `from nasdsl import report` names a module of the package, too.
                names = [f"nasdsl.{a.name}" for a in child.names] if child.module == "nasdsl" else [child.module or ""]
                yield from ((name, child.lineno, inside, typing) for name in names)
            else:
                function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                guarded = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
                yield from walk(child, inside or function, typing or guarded)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), False, False)


def part(path: Path) -> str:
    """`syntax` for syntax/parser.py, `cli` for cli.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_point_down(path: Path) -> None:
    """A part imports only itself and the parts below it, for types too."""
    own = part(path)
    wrong = [
        f"line {line}: {name}"
        for name, line, _, _ in imports(path)
        if name.startswith("nasdsl.") and name.split(".")[1] not in BELOW[own] | {own}
    ]
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_library_is_imported_only_at_home(path: Path) -> None:
    homes = {part(path), named(path), named(path).rpartition("/")[0]}
    wrong = [
        f"line {line}: {name}"
        for name, line, _, typing in imports(path)
        if not typing and name.split(".")[0] in HOMES and not HOMES[name.split(".")[0]] & homes
    ]
    assert not wrong


@pytest.mark.parametrize("path", [p for p in MODULES if not {part(p), named(p)} & TORCH], ids=named)
def test_torch_is_imported_only_inside_functions(path: Path) -> None:
    """But for the type checker, and where modules are built or trained and nothing else is done."""
    wrong = [
        f"line {line}: {name}"
        for name, line, inside, typing in imports(path)
        if name.split(".")[0] == "torch" and not inside and not typing
    ]
    assert not wrong


def test_every_third_party_import_is_a_declared_dependency() -> None:
    used = {name.split(".")[0] for path in MODULES for name, *_ in imports(path)}
    assert used - sys.stdlib_module_names - {"nasdsl"} <= set(HOMES)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["latency", "--help"],
        ["--version"],
        ["relax", "--help"],
        ["evolve", "--help"],
        ["check", "hierarchical"],
        ["fmt", "--check", str(PACKAGE / "library")],
        ["print", "darts"],
        ["info", "nasnet"],
        ["sample", "darts"],
        ["sample", "darts", "--all", "-n", "1", "--json"],
        ["info", "darts:darts_v2"],
        ["print", "darts:1f3c"],
        ["spaces"],
    ],
    ids=" ".join,
)
def test_the_quick_commands_load_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from nasdsl.cli import program\n"
        "try:\n"
        f"    program.main({arguments!r}, prog_name='nasdsl')\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"print('loaded', *sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded"
