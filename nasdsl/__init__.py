"""nasdsl: neural-architecture search spaces as text, and an evolutionary search through them.

    >>> import nasdsl
    >>> space = nasdsl.load("darts")
    >>> space.size
    1076746950455072400

The public names are below; each is imported when it is first used, so that `import nasdsl` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nasdsl import version

if TYPE_CHECKING:
    from nasdsl.compiler.check import check
    from nasdsl.compiler.dag import architecture
    from nasdsl.compiler.deploy import exported, folded
    from nasdsl.compiler.extremes import space_range
    from nasdsl.compiler.frame import Binding
    from nasdsl.compiler.inherit import child, mixing
    from nasdsl.compiler.keys import exact, isomorphic
    from nasdsl.compiler.load import load, loads, shipped
    from nasdsl.compiler.lower import network
    from nasdsl.compiler.metrics import metrics
    from nasdsl.compiler.module import build, set_drop_path
    from nasdsl.compiler.opengraph import space_graph
    from nasdsl.compiler.openlower import opened
    from nasdsl.compiler.searchform import SearchForm
    from nasdsl.compiler.supernet import Supernet
    from nasdsl.diagnostics import NasdslError
    from nasdsl.space.model import Genotype, SearchSpace

__version__ = version.VERSION

# Where each public name lives.
_HOMES = {
    "load": "compiler.load", "loads": "compiler.load", "shipped": "compiler.load", "check": "compiler.check",
    "network": "compiler.lower", "Binding": "compiler.frame", "exact": "compiler.keys", "isomorphic": "compiler.keys",
    "metrics": "compiler.metrics",
    "architecture": "compiler.dag", "space_graph": "compiler.opengraph",
    "space_range": "compiler.extremes", "build": "compiler.module",
    "set_drop_path": "compiler.module", "folded": "compiler.deploy", "exported": "compiler.deploy",
    "opened": "compiler.openlower", "SearchForm": "compiler.searchform", "Supernet": "compiler.supernet",
    "child": "compiler.inherit", "mixing": "compiler.inherit",
    "SearchSpace": "space.model", "Genotype": "space.model", "NasdslError": "diagnostics",
}  # fmt: skip

__all__ = [
    "Binding", "Genotype", "NasdslError", "SearchForm", "SearchSpace", "Supernet", "__version__", "architecture",
    "build", "check", "child", "exact", "exported", "folded", "isomorphic", "load", "loads", "metrics", "mixing",
    "network", "opened", "set_drop_path", "shipped", "space_graph", "space_range",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nasdsl' has no attribute {name!r}")
    return getattr(import_module(f"nasdsl.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
