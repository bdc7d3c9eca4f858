"""Operations from Python: what a plug-in module offers, and which are installed.

A plug-in is named by the user, on the command line, in a call, or by installing it; never by a `.nas` file, which can
only ask for a module of the language by name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from types import ModuleType
from typing import Any

from nasdsl.diagnostics import NasdslError, error
from nasdsl.ops import registry
from nasdsl.ops.primitive import Primitive

# The entry points of this group: a module of the language, and the Python module that offers it.
GROUP = "nasdsl.operations"


@dataclass(frozen=True, slots=True)
class Plugin:
    """What one Python module offers: primitives and texts of blocks by module of the language, and measures."""

    name: str
    operations: Mapping[str, tuple[Primitive, ...]]
    libraries: Mapping[str, str]
    measures: Mapping[str, registry.Measure]

    @property
    def modules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.operations, *self.libraries)))


def load(name: str) -> Plugin:
    """The plug-in of an importable Python module, its operations added to the registry.

    Raises E0280 where the module cannot be imported or does not offer what a plug-in offers, E0281 where it declares a
    name that is taken.
    """
    module = _imported(name)
    try:
        plugin = Plugin(
            name,
            {key: _primitives(key, value) for key, value in _table(module, "OPERATIONS", required=True)},
            {key: _is("a text", value, str, f"LIBRARIES[{key!r}]") for key, value in _table(module, "LIBRARIES")},
            {key: _measure(key, value) for key, value in _table(module, "MEASURES")},
        )
    except _WrongError as wrong:
        raise error("E0280", f"`{name}` is no plug-in: {wrong}", notes=(OFFERS,)) from None
    registry.add(name, [p for group in plugin.operations.values() for p in group], plugin.measures)
    return plugin


OFFERS = "a plug-in has OPERATIONS: a mapping from the name of a module to its primitives"


def installed(module: str) -> tuple[str, ...]:
    """The Python modules that installed packages register for a module of the language."""
    # Reading the metadata of every installed package is slow, so it waits until a name asks for it.
    from importlib.metadata import entry_points

    return tuple(dict.fromkeys(entry.value for entry in entry_points(group=GROUP, name=module)))


class _WrongError(Exception):
    """What is wrong with a plug-in."""


def _imported(name: str) -> ModuleType:
    if name.endswith(".py") or not all(part.isidentifier() and not iskeyword(part) for part in name.split(".")):
        helps = (f"--ops {name.removesuffix('.py').replace('/', '.')}",) if name.endswith(".py") else ()
        raise error("E0280", f"`{name}` is no name of a Python module", helps=helps)
    try:
        return import_module(name)
    except (Exception, SystemExit) as failure:  # noqa: BLE001 - whatever a module does when it is imported
        raise _unimported(name, failure) from None


def _unimported(name: str, failure: BaseException) -> NasdslError:
    if isinstance(failure, ModuleNotFoundError) and failure.name and f"{name}.".startswith(f"{failure.name}."):
        return error(
            "E0280", f"there is no Python module `{failure.name}` for the plug-in `{name}`",
            notes=("it is looked for where Python looks, and from the command line also in the working folder",),
        )  # fmt: skip
    said = f"{type(failure).__name__}: {failure}".splitlines()[0].rstrip(": ")
    return error("E0280", f"the plug-in `{name}` cannot be imported", notes=(f"it fails with {said[:500]}",))


def _table(module: ModuleType, name: str, *, required: bool = False) -> Iterator[tuple[str, Any]]:
    """The entries of one of the mappings a plug-in has."""
    if not hasattr(module, name):
        if required:
            raise _WrongError(f"it has no {name}")
        return
    found = getattr(module, name)
    if not isinstance(found, Mapping):
        raise _WrongError(f"its {name} is no mapping")
    for key, value in found.items():
        parts = key.split(".") if isinstance(key, str) else [""]
        if not all(part.isidentifier() and part.isascii() for part in parts):
            raise _WrongError(f"its {name} has the key {key!r}, which is no name that can be imported")
        yield key, value


def _is(what: str, value: Any, kind: type[Any], where: str) -> Any:
    if not isinstance(value, kind):
        raise _WrongError(f"its {where} is not {what}")
    return value


def _primitives(key: str, value: Any) -> tuple[Primitive, ...]:
    where = f"OPERATIONS[{key!r}]"
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise _WrongError(f"its {where} is no sequence of primitives")
    found: dict[str, Primitive] = {}
    for each in value:
        if not isinstance(each, Primitive):
            raise _WrongError(f"its {where} holds {each!r:.60}, which is no primitive")
        if not (each.name.isidentifier() and each.name.isascii()):
            raise _WrongError(f"its {where} holds an operation called {each.name!r}, which is no name")
        if each.role == "loop":
            raise _WrongError(f"its operation `{each.name}` has a role that is nasdsl's own")
        if found.setdefault(each.name, each) is not each:
            raise _WrongError(f"its {where} holds two operations called `{each.name}`")
    return tuple(found.values())


def _measure(key: str, value: Any) -> Callable[[Any], int | float]:
    if not callable(value):
        raise _WrongError(f"its MEASURES[{key!r}] cannot be called")
    measure: Callable[[Any], int | float] = value
    return measure


def search_here(folder: str) -> None:
    """Lets Python find the user's own modules in a folder, behind everything installed."""
    if folder not in sys.path:
        sys.path.append(folder)
