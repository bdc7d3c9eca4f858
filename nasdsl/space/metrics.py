"""What the network of a genotype measures, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

BYTES = 4
"""Of one number, as float32."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the evaluated network measures; second heads (`tap`) are no part of it.

    - `params`: trainable parameters.
    - `macs`: multiply-adds for one image (or sequence), of convolutions and linear maps.
    - `depth`: layers on the longest path from an input to an output. A layer is an operation that costs multiply-adds,
      as the depth of a ResNet-20 or a MobileNet is told; norms, activations, pools and merges are none. A cell that
      runs along a sequence counts once.
    - `edges`: as `require edges` counts them, over every cell once: pairs of a value and an operation, none of them
      `none`. It is a number of the decisions, whatever of them is live.
    - `peak_activations`: the least numbers held at once when one image is evaluated in the order of the operations,
      which is that of the built module. An operation needs what it reads and what it delivers; a value is let go after
      its last reader, an output never, and an identity is the value itself. The memory that an operation works in, and
      that of the parameters, is not counted. In a cell that runs along a sequence, what it reads from outside and what
      it collects are held until the sequence ends.
    """

    params: int
    macs: int
    depth: int
    edges: int
    peak_activations: int

    @property
    def peak_memory(self) -> int:
        """Bytes of `peak_activations` as float32."""
        return self.peak_activations * BYTES
