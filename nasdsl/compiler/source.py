"""A built network as a Python file that needs nothing but torch: what its modules are, and the code between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import getsource, signature
from textwrap import dedent

from torch import nn

from nasdsl.compiler.module import DropPath, Function, Network, Part
from nasdsl.compiler.namespace import identifier
from nasdsl.diagnostics import error

HEADER = '''"""{title}

Made by nasdsl. It needs torch alone, and loads the `state_dict` of the network that it was made from. N in the shapes
is the size of a batch.
"""

import torch
from torch import nn
from torch.nn import functional as F
'''


def source(network: Network) -> str:
    """The text of the file; its last class is the network.

    Raises NasdslError (E0284) for a network with a module of a plug-in, whose source is not nasdsl's to give.
    """
    writer = _Writer()
    name = writer.class_of(network)
    parts = [HEADER.format(title=f"The network `{network.label}`."), *writer.texts.values()]
    if any(isinstance(module, DropPath) for module in network.modules()):
        parts.insert(1, dedent(getsource(DropPath)).strip() + "\n")
    return "\n\n".join(parts) + f'\n\nif __name__ == "__main__":\n    print({name}())\n'


class _Writer:
    """Collects the classes of a network; uses that keep and compute the same have one."""

    def __init__(self) -> None:
        # The text of every class, by its name; and the names by the text without it.
        self.texts: dict[str, str] = {}
        self.known: dict[str, str] = {}

    def class_of(self, part: Part) -> str:
        """The name of the class of a part, written where it is new."""
        body = "\n".join([*self.constructor(part), "", part.written])
        if body not in self.known:
            name = _class_name(part.label)
            while name in self.texts:
                stem, number = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]
                name = f"{stem}{int(number or 1) + 1}"
            self.known[body] = name
            self.texts[name] = f"class {name}(nn.Module):\n{body}\n"
        return self.known[body]

    def constructor(self, part: Part) -> Iterator[str]:
        yield "    def __init__(self):"
        yield "        super().__init__()"
        yield from (f"        {line}" for line in self.made(part, "self"))
        if isinstance(part, Network):
            yield "        # Quicker on a CPU; images may come in any layout."
            yield "        self.to(memory_format=torch.channels_last)"

    def made(self, holder: nn.Module, name: str) -> Iterator[str]:
        """The lines that make everything a module holds, in its own order."""
        for key, parameter in holder.named_parameters(recurse=False):
            size = ", ".join(map(str, parameter.shape))
            start = parameter.detach().flatten()
            if bool((start == start[:1]).all()) and len(start):
                yield f"{name}.{key} = nn.Parameter(torch.full(({size},), {float(start[0])}))"
            else:
                yield f"{name}.{key} = nn.Parameter(torch.randn({size}))"
        for key, child in holder.named_children():
            if isinstance(child, Part):
                yield f"{name}.{key} = {self.class_of(child)}()"
            elif type(child) is nn.Module:
                yield f"{name}.{key} = nn.Module()"
                yield from self.made(child, f"{name}.{key}")
            else:
                yield f"{name}.{key} = {_call(child)}"


def _call(module: nn.Module) -> str:
    """The call that makes a module anew, without its weights: what is as it would be by itself is left out."""
    kind = type(module)
    if isinstance(module, DropPath):
        return f"DropPath({module.p})"
    if isinstance(module, Function) or not kind.__module__.startswith("torch.nn."):
        made = "function" if isinstance(module, Function) else f"`{kind.__module__}.{kind.__qualname__}`"
        raise error(
            "E0284", "the network has an operation of a plug-in, whose source nasdsl cannot write",
            notes=(f"its builder makes a {made}, which is no module of torch.nn",),
        )  # fmt: skip
    parameters = signature(kind.__init__).parameters
    if "args" in parameters:  # recurrent layers say what they take in their `repr`
        return f"nn.{module!r}"
    given: list[str] = []
    for name, parameter in list(parameters.items())[1:]:
        if name in ("bias", "affine", "elementwise_affine") or not hasattr(module, name):
            own = "in_proj_bias" if isinstance(module, nn.MultiheadAttention) else name
            value = getattr(module, own, parameter.default)
            value = value is not None if isinstance(value, nn.Parameter | None) else value
        else:
            value = getattr(module, name)
        if isinstance(value, tuple) and len(set(value)) == 1 and isinstance(module, nn.Conv1d | nn.Conv2d):
            value = value[0]
        if parameter.default is parameter.empty:
            given.append(repr(value))
        elif name not in ("device", "dtype", "_weight", "_freeze") and value != parameter.default:
            given.append(f"{name}={value!r}")
    return f"nn.{kind.__name__}({', '.join(given)})"


def _class_name(label: str) -> str:
    """`small[0]` is `Small0`, `conv_op` is `ConvOp`."""
    name = "".join(part[:1].upper() + part[1:] for part in identifier(label).split("_") if part)
    return f"{name}_" if name in ("DropPath", "F") else name
