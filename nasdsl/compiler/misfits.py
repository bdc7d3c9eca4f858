"""What does not fit: shapes, widths and strides that an operation or a merge cannot take, as errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nasdsl.compiler.expansion import declared_label
from nasdsl.compiler.frame import Carried, Pyramid
from nasdsl.diagnostics import Label, NasdslError, error, located
from nasdsl.ops.primitive import Indices, Primitive, Shape, ShapeError, Value
from nasdsl.ops.registry import failed
from nasdsl.source import Span
from nasdsl.space import skeleton as sk

MOST = 1_000_000  # channels, strides, kernels: more is a slip of the pen


def shape_of(primitive: Primitive, shapes: tuple[Shape, ...], args: Mapping[str, Value], span: Span) -> Shape:
    """The shape an operation delivers; E0408 where it does not fit its inputs, E0205 for an argument out of bounds."""
    for key, given in args.items():
        rule = primitive.parameter(key)
        if rule is not None and rule.least is not None and isinstance(given, int | float):
            if given < rule.least:
                raise error("E0205", f"`{key}` of `{primitive.name}` is at least {rule.least}, not `{given}`", span)
            if given > MOST:
                raise error("E0205", f"`{key}` of `{primitive.name}` is at most {MOST:,}, not `{given}`", span)
        elif isinstance(given, str) or (isinstance(given, tuple) and key not in ("size", "layout")):
            shown = f"[{', '.join(map(str, given))}]" if isinstance(given, tuple) else f'"{given}"'
            helps = (f"{key} = one of {shown}",) if isinstance(given, tuple) and len(given) > 1 else ()
            raise error("E0206", f"`{key}` of `{primitive.name}` is a number, not `{shown}`", span, helps=helps)
    if not primitive.reads_indices and any(isinstance(x, Indices) for x in shapes):
        message = f"`{primitive.name}` reads numbers, but its input is a sequence of words"
        raise error("E0408", message, span, "does not fit", helps=("stem embedding(128)",))
    try:
        return primitive.shape(shapes, args)
    except ShapeError as mistake:
        raise error("E0408", str(mistake), span, "does not fit") from None
    except Exception as failure:
        raise located_failure(primitive.name, "shape rule", failure, span) from failure


def located_failure(name: str, rule: str, failure: Exception, span: Span) -> Exception:
    """A rule that failed, with the place where its operation stands."""
    made = failed(name, rule, failure)
    return located(made, span) if isinstance(made, NasdslError) else made


def fitting(graph: sk.Graph, values: Sequence[Carried], span: Span) -> None:
    """E0403 where a port takes one value and receives a pyramid, or levels and receives others."""
    for port, carried in zip((port for port in graph.ports if not port.state), values, strict=True):
        given = tuple(level for level, _ in carried.levels) if isinstance(carried, Pyramid) else None
        if given != port.levels:
            message = f"port `{port.name}` of `{graph.key}` takes {_levels(port.levels)}"
            labels = declared_label("declared here", graph.span)
            raise error("E0403", message, span, f"receives {_levels(given)}", labels=labels)


def _levels(levels: tuple[int, ...] | None) -> str:
    return "one image" if levels is None else "levels " + ", ".join(map(str, levels))


def ordered(number: Value, what: str = "a width or stride") -> int:
    """The width or stride asked for; E0404 where the number is none."""
    if not isinstance(number, int) or not 1 <= number <= MOST:
        raise error("E0404", f"{what} is a whole number from 1 to {MOST:,}, not `{number}`")
    return number


def unstrided(name: str, stride: int, span: Span) -> NasdslError:
    return error(
        "E0405", f"`{name}` cannot take stride {stride}", span, "has to take the stride",
        notes=("the stride of a stage belongs to its first step, that of a cell to what reads a port",),
    )  # fmt: skip


def takes_stride(body: sk.Chain) -> bool:
    """Whether the first step of a chain can take a stride."""
    first = body.steps[0] if body.steps else None
    return first is None or not isinstance(first, sk.Apply) or (first.takes_stride and first.primitive != "identity")


def clash(
    mistake: NasdslError, shapes: Sequence[Shape], span: Span, to: str, names: Sequence[str], causes: Sequence[Label]
) -> NasdslError:
    """Why values do not join: E0402 where resolutions differ, E0401 where widths do, else the mistake itself.

    `to` is what receives them and `names` where they come from.
    """
    sizes = ["x".join(map(str, s.size)) or "a vector" for s in shapes]
    widths = [f"{s.width} channels" for s in shapes]
    shown, code, what = (sizes, "E0402", "resolutions") if len(set(sizes)) > 1 else (widths, "E0401", "widths")
    if len(set(shown)) == 1:
        return mistake
    first = {text: shown.index(text) for text in dict.fromkeys(shown)}
    *others, last = [text + (f" from `{names[i]}`" if names else "") for text, i in first.items()]
    helps = ("align edges needed relu_conv_bn(1)",) if code == "E0401" and names else ()
    label = f"{to} receives {', '.join(others)} and {last}"
    causes = [c for c in causes if c.span != span]
    return error(code, f"inputs of a merge have different {what}", span, label, labels=causes, helps=helps)


def strided(shape: Shape, stride: int, width: int) -> Shape:
    """The shape behind a step at a stride."""
    size = tuple(-(-n // stride) for n in shape.size)
    return Shape(width, size, shape.level + (stride.bit_length() - 1))
