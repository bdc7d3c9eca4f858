"""The command that an editor starts, where its extra is not installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest
from click.testing import Result

from nasdsl.terminal.program import ExitCode


def test_without_its_extra_the_language_server_says_what_to_install(
    call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    done = call("lsp")
    assert (done.exit_code, done.stdout) == (ExitCode.INPUT, "")
    assert done.stderr == "Error: the language server is an extra: pip install 'nasdsl[lsp]'\n"
