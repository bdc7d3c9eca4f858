"""Prints the table of spaces by methods: `python -m tests.relax > docs/relaxation.md`, or of the spaces named."""

from __future__ import annotations

import sys

from .table import page

for line in page(sys.argv[1:]):
    print(line, end="", flush=True)
