"""A plug-in that cannot be imported."""

SIDES = {3: "triangle"}
print(SIDES[4])
