"""A plug-in whose operations are only named."""

OPERATIONS = {"pointwise": ["square", "cube"]}
