"""Names from the code of papers, from PyTorch and from other NAS libraries, and what stands for them here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

_ONE_OF: Final = "one of [a, b]"

# Operations by the names that papers' code gives them, in lower case and without `_` and `-`.
_OPERATIONS: Final[dict[str, str]] = {
    **dict.fromkeys(("skipconnect", "skip", "skipconnection", "identity", "id", "iden", "noop"), "identity"),
    **dict.fromkeys(("none", "zero", "zeroize", "null"), "none"),
    **dict.fromkeys(("conv2d", "conv", "convolution", "norconv2d"), "conv(3)"),
    **dict.fromkeys(("batchnorm2d", "batchnorm", "bn"), "batch_norm"),
    **dict.fromkeys(("maxpool2d", "maxpool", "maxpooling", "maxpooling2d"), "max_pool(3)"),
    **dict.fromkeys(("avgpool2d", "avgpool", "averagepooling2d", "avgpooling"), "avg_pool(3)"),
    **dict.fromkeys(("adaptiveavgpool2d", "globalavgpool", "globalaveragepooling2d", "gap"), "global_avg"),
    **dict.fromkeys(("sepconv", "separableconv2d", "separableconv"), "sep_conv(3)"),
    **dict.fromkeys(("dilconv", "atrousconv"), "dil_conv(3)"),
    **dict.fromkeys(("dwconv", "depthwiseconv", "depthwiseconv2d"), "dw_conv(3)"),
    **dict.fromkeys(("reluconvbn", "norconv"), "relu_conv_bn(3)"),
    **dict.fromkeys(("convbnrelu", "convbnact"), "conv_bn_relu(3)"),
    **dict.fromkeys(("silu", "swish"), "swish"),
    **dict.fromkeys(("hardswish", "hswish"), "hswish"),
    "convbn": "conv_bn(3)",
    "relu": "relu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "linear": "classifier(10)",
    "dense": "classifier(10)",
    "factorizedreduce": "factorized_reduction",
}

# Calls that are a construct of the language.
_CONSTRUCTS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("choice", "layerchoice", "oneof", "one_of", "mixedop", "mixed_op", "categorical"), (_ONE_OF,)),
    **dict.fromkeys(("inputchoice", "choose", "select", "manyof"), ("pick 2 of earlier",)),
    **dict.fromkeys(("valuechoice", "discrete", "floatv", "intv"), ("3 | 5", "one of 3..7")),
    **dict.fromkeys(
        ("repeat", "sequential", "modulelist"), ("repeat 3 { ... }", "block layer { ...; ... } for a chain")
    ),
    "range": ("a count is the number itself", "a range of numbers, both ends included: 3..7"),
    "len": ("write the number, or name it: param N = 4",),
    **dict.fromkeys(("true", "false"), ("there are no truth values: an option is a number, a choice is `a | b`",)),
}

_ARGUMENTS: Final[dict[str, str]] = {
    **dict.fromkeys(("kernel", "kernel_size", "ks", "kernels", "size"), "k"),
    **dict.fromkeys(("channels", "out_channels", "c_out", "cout", "filters", "features", "units", "planes"), "width"),
    **dict.fromkeys(("strides", "s"), "stride"),
    **dict.fromkeys(("rate", "dilation_rate"), "dilation"),
}


def operation(name: str) -> str:
    """What an operation of other code is called here: `sep_conv(3)` for `sep_conv_3x3`. "" where none is known."""
    plain = name.rsplit(".", 1)[-1].lower()
    if pair := re.fullmatch(r"conv_?(\d)x1_1x\1|conv_?1x(\d)_\2x1", plain):
        return f"conv_1xn_nx1({pair[1] or pair[2]})"
    kernel = re.search(r"_?(\d)(?:x\1)?(?![\da-z])", plain) or re.search(r"_?(\d)x\1", plain)
    kind = plain.replace(kernel[0], "", 1) if kernel else plain
    known = _OPERATIONS.get(re.sub(r"[_\W]", "", kind), "")
    return re.sub(r"\(\d+\)", f"({kernel[1]})", known) if kernel and "(" in known else "" if kernel else known


def meant(name: str) -> tuple[str, ...]:
    """The helps for a name that other code uses where a `.nas` file has an operation or a construct."""
    construct = _CONSTRUCTS.get(name.rsplit(".", 1)[-1].lower())
    found = operation(name)
    return construct or ((found,) if found else ())


def instead(expr: tree.Expr) -> tuple[str, ...]:
    """The helps for an expression that means nothing where it stands: a name in quotes, a call of other code."""
    match expr:
        case tree.String():
            return meant(expr.value) or ((f"without quotes: {expr.value}",) if expr.value.isidentifier() else ())
        case tree.Call():
            known = _counted(expr) or meant(expr.name.text)
            return tuple(each for each in known if not each.startswith(expr.name.text + "("))
        case tree.List() if len(expr.items) > 1:
            return (f"one of {text(expr)}",)
    return ()


def _counted(call: tree.Call) -> tuple[str, ...]:
    """The helps for a call of other code that counts, with its numbers."""
    given = {a.name.text if a.name else "": a.value.value for a in call.args if isinstance(a.value, tree.Number)}
    numbers = [a.value.value for a in call.args if isinstance(a.value, tree.Number) and not a.name]
    match call.name.text.lower(), numbers:
        case "range", [int(stop)] if stop > 0:
            return f"a count is the number itself: {stop}", f"a range of numbers holds both ends: 0..{stop - 1}"
        case "range", [int(start), int(stop)] if start < stop:
            return (f"a range of numbers holds both ends: {start}..{stop - 1}",)
        case "inputchoice", _ if "n_chosen" in given:
            return (f"pick {given['n_chosen']} of earlier",)
    return ()


def argument(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The help for an argument that is called differently elsewhere."""
    here = _ARGUMENTS.get(name.lower(), "")
    return (f"did you mean `{here}`?",) if here in set(known) else ()
