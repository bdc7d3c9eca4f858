"""Prints the table of the zoo: `python -m tests.zoo > docs/zoo.md`."""

from .table import page

print(page(full=True), end="")
