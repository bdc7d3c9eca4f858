"""Every primitive by its name: those of nasdsl, and those that plug-ins have added to this process.

What a `.nas` file may name is decided where its imports are read; here a name that was resolved is turned back into its
definition, so a name stands for one operation in all modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from nasdsl.diagnostics import InternalError, NasdslError, error
from nasdsl.ops.channels import CHANNELS
from nasdsl.ops.convolution import CONVOLUTIONS
from nasdsl.ops.inputs import INPUTS
from nasdsl.ops.loop import LOOPS
from nasdsl.ops.merge import MERGES
from nasdsl.ops.mixture import MIXTURES
from nasdsl.ops.norm import NORMS
from nasdsl.ops.pointwise import POINTWISE
from nasdsl.ops.pooling import POOLS
from nasdsl.ops.primitive import Primitive
from nasdsl.ops.pyramid import PYRAMID
from nasdsl.ops.scalar import SCALARS
from nasdsl.ops.sequence import SEQUENCES

# What a `require` may bound besides nasdsl's own measures: of a network to a number.
Measure = Callable[[Any], int | float]

PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(
    {
        p.name: p
        for p in (
            *(*INPUTS, *POINTWISE, *CHANNELS, *CONVOLUTIONS, *SEQUENCES, *POOLS, *NORMS),
            *(*MERGES, *SCALARS, *PYRAMID, *LOOPS),
        )
    }
)

# What stands in search forms alone.
_SEARCHED = {p.name: p for p in MIXTURES}

# What was added, and by which plug-in.
_added: dict[str, tuple[Primitive, str]] = {}
_measures: dict[str, tuple[Measure, str]] = {}


def get(name: str) -> Primitive:
    """The primitive of that name. The compiler has resolved it, so an unknown one is our own fault."""
    found = PRIMITIVES.get(name) or _SEARCHED.get(name) or _added.get(name, (None,))[0]
    if found is None:
        raise InternalError(f"no primitive is called `{name}`")
    return found


def plugin_of(name: str) -> str:
    """The plug-in that added an operation."""
    return _added[name][1]


def measures() -> Mapping[str, Measure]:
    """The measures of the plug-ins, by name; each takes the `Network` of a genotype."""
    return {name: measure for name, (measure, _) in _measures.items()}


def add(plugin: str, primitives: Iterable[Primitive], offered: Mapping[str, Measure]) -> None:
    """Adds what a plug-in declares, all or nothing. It may be added again, changed; E0281 where a name is another's."""
    own = list(primitives)
    for p in own:
        if p.name in _SEARCHED or (p.name in PRIMITIVES and PRIMITIVES[p.name] is not p):
            raise clash(plugin, f"the operation `{p.name}`", "nasdsl")
        if p.name in _added and _added[p.name][0] is not p and _added[p.name][1] != plugin:
            raise clash(plugin, f"the operation `{p.name}`", _added[p.name][1])
    for name in offered:
        if name in _measures and _measures[name][1] != plugin:
            raise clash(plugin, f"the measure `{name}`", _measures[name][1])
    _added.update({p.name: (p, plugin) for p in own if p.name not in PRIMITIVES})
    _measures.update({name: (measure, plugin) for name, measure in offered.items()})


def clash(plugin: str, what: str, owner: str) -> NasdslError:
    """E0281: two declare one name."""
    first = "nasdsl itself" if owner == "nasdsl" else f"the plug-in `{owner}`"
    return error(
        "E0281", f"the plug-in `{plugin}` declares {what}, and so does {first}",
        notes=("a name stands for one operation in all modules",), helps=(f"rename it in `{plugin}`",),
    )  # fmt: skip


def failed(name: str, rule: str, failure: Exception) -> Exception:
    """E0283 where a rule of a plug-in's operation failed; the failure itself where the operation is nasdsl's own."""
    if name not in _added:
        return failure
    said = f"{type(failure).__name__}: {failure}".splitlines()[0].rstrip(": ")
    message = f"the {rule} of `{name}` fails"
    return error("E0283", message, notes=(f"`{name}` is of the plug-in `{_added[name][1]}`", said[:500]))


def measured(name: str, network: Any) -> int | float:
    """What a plug-in measures of a network; E0283 where it fails or gives no number."""
    measure, plugin = _measures[name]
    try:
        found = measure(network)
        if isinstance(found, int | float) and found == found:
            return found
        said = f"it gives {found!r}, which is no number"
    except Exception as failure:  # noqa: BLE001  what a plug-in raises is told to the user, whatever it is
        said = f"{type(failure).__name__}: {failure}".splitlines()[0].rstrip(": ")
    raise error("E0283", f"the measure `{name}` fails", notes=(f"`{name}` is of the plug-in `{plugin}`", said[:500]))


def unbuilt(name: str) -> NasdslError:
    """E0282: an operation of a plug-in that is described and cannot be made."""
    return error(
        "E0282", f"`{name}` has no builder, so no module can be made of it",
        notes=("its plug-in declares only its shape and cost: a space with it is counted, checked and drawn",),
    )  # fmt: skip
