"""Frozen records that cost nothing to declare.

A dataclass writes and compiles its methods when it is declared, about a millisecond each. The tree and the skeleton
declare eighty kinds of value, and `nasdsl check` has to answer in a quarter of a second; so they share these methods.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """A frozen value: annotated fields in order, base classes first, with defaults as in a dataclass.

    Records are equal when they are of one class and their fields are equal. Fields named `span` and `source` do not
    take part: two records are equal when they say the same, wherever it was written.
    """

    __slots__ = ("_hash",)  # kept, since the values of a space share their parts: as a tree they may be endless
    _hash: int
    _fields: ClassVar[tuple[str, ...]] = ()
    told: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        own = (name for name, kind in cls.__dict__.get("__annotations__", {}).items() if "ClassVar" not in str(kind))
        cls._fields = tuple(dict.fromkeys((*cls._fields, *own)))
        cls.told = tuple(name for name in cls._fields if name not in ("span", "source"))

    def __init__(self, *args: Any, **named: Any) -> None:
        fields = self._fields
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} has {len(fields)} fields, and {len(args)} values were given")
        values = self.__dict__
        values.update(zip(fields, args, strict=False))
        if len(args) == len(fields) and not named:
            return
        for name, value in named.items():
            if name not in fields or name in values:
                raise TypeError(f"{type(self).__name__} takes no `{name}` here")
            values[name] = value
        if len(values) < len(fields):
            for name in fields:
                if name not in values:
                    if not hasattr(type(self), name):
                        raise TypeError(f"{type(self).__name__} needs `{name}`")
                    values[name] = getattr(type(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        if other.__class__ is not self.__class__:
            return NotImplemented
        mine, theirs = self.__dict__, other.__dict__
        return all(mine[name] == theirs[name] for name in self.told)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            values = self.__dict__
            object.__setattr__(self, "_hash", hash((self.__class__, *(values[name] for name in self.told))))
            return self._hash

    def __getstate__(self) -> dict[str, Any]:
        # A hash is of one process alone.
        return self.__dict__

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.told)
        return f"{type(self).__name__}({shown})"

    def but(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return type(self)(**{**self.__dict__, **changes})
