"""Numbers and tables as plain text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K"))
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Beyond this many digits nobody reads them; the power of ten is shown alone.
_MOST_DIGITS = 120


def short(count: float) -> str:
    """Three digits and a suffix of 1000s: `950`, `3.1K`, `45K`, `1.24M`."""
    for unit, suffix in _SUFFIXES:
        # 999.6 would be printed as 1000: it belongs to the next unit already.
        if abs(count) >= unit * 0.9995:
            value = count / unit
            digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
            text = f"{value:.{digits}f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + suffix
    return f"{count:.0f}"


def exact(count: int) -> str:
    """Every digit, in groups of three; a number too long to read only as its power of ten."""
    return power_of_ten(count) if math.log10(max(count, 1)) >= _MOST_DIGITS else f"{count:,}"


def power_of_ten(count: int) -> str:
    """`2.29 x 10^18`, of an int of any size."""
    if count < 1:
        return str(count)
    exponent = math.floor(math.log10(count))
    # The logarithm of a long int is rounded: at a power of ten it may fall on either side.
    if exponent < _MOST_DIGITS and 10**exponent > count:
        exponent -= 1
    mantissa = round(10 ** (math.log10(count) - exponent), 2)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    return f"{mantissa:.2f} × 10{str(exponent).translate(_SUPERSCRIPTS)}"


def duration(seconds: float) -> str:
    """`8s`, `3m05s`, `2h07m`."""
    whole = round(max(seconds, 0.0))
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m"


def score(value: float | None) -> str:
    """A score with four decimals; `-` where there is none."""
    return "-" if value is None else f"{value:.4f}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = (), indent: str = "  ") -> str:
    """Columns under their heads, two spaces apart; `right` names the columns set flush right."""
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    flush = set(right)

    def row(cells: Sequence[str]) -> str:
        padded = [c.rjust(w) if i in flush else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return (indent + "  ".join(padded)).rstrip()

    return "\n".join(map(row, lines))
