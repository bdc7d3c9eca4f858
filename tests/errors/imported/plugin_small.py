"""A plug-in for mistakes in the use of one."""

from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape


def kept(inputs: Inputs, args: Args) -> Shape:
    return inputs[0]


def wave(inputs: Inputs, args: Args) -> Shape:
    return Shape(1, (100,))


OPERATIONS = {
    "small": [
        Primitive("stretch", "a factor", kept, parameters=(Parameter("by", required=True),)),
        Primitive("mixed", "a weighted sum", kept, arity=None, role="merge", commutes=True),
        Primitive("wave", "a sound", wave, parameters=(Parameter("rate", 100),), arity=0, role="input"),
    ]
}
LIBRARIES = {"small": "block double { stretch(2) }\n"}
