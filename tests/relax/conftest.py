"""Tests import the fakes by name, so their folder must be where Python looks."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
