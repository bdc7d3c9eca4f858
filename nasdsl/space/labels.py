"""Numbers of a skeleton as a person reads them."""

from __future__ import annotations

from nasdsl.space import skeleton as sk


def number_label(number: sk.Number) -> str:
    """A number as a person reads it; a run of numbers as a range."""
    match number:
        case sk.Const():
            return _range([str(v) for v in number.value]) if isinstance(number.value, tuple) else str(number.value)
        case sk.Symbol():
            return number.name
        case sk.Arithmetic():
            return f"{number_label(number.left)} {number.op} {number_label(number.right)}"
        case sk.NumberChoice():
            shown = [number_label(n) for n in number.alternatives]
            return f"one of {_range(shown)}"
        case sk.Dealt():
            return f"order of {_range([str(i) for i in number.items])}"
        case sk.Measure():
            return number.name if number.of is None else f"{number.name}({number.of})"


def _range(shown: list[str]) -> str:
    whole = [int(s) for s in shown if s.lstrip("-").isdigit()]
    if len(whole) == len(shown) > 2:
        step = whole[1] - whole[0]
        if step > 0 and whole == list(range(whole[0], whole[-1] + 1, step)):
            return f"{whole[0]}..{whole[-1]}" + (f" step {step}" if step > 1 else "")
    return ", ".join(shown)
