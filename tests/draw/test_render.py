"""Formats, files and renderers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from nasdsl import draw
from nasdsl.diagnostics import NasdslError
from nasdsl.draw import renderer

from . import graphs  # noqa: TID252 - the tests are no installed package

MAGIC = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "dot": b"digraph"}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Graphviz."""
    monkeypatch.setattr(renderer, "system_dot", lambda: None)


def code(failure: pytest.ExceptionInfo[NasdslError]) -> str:
    return failure.value.diagnostics[0].code


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("form", MAGIC)
def test_the_suffix_names_the_format(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{form.upper() if form == 'png' else form}"
    data = draw.genotype(graphs.nasfpn(), path)
    assert path.read_bytes() == data
    assert data.startswith(MAGIC[form])
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.usefixtures("bare")
def test_a_bare_format_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert draw.space(graphs.cell_space(nodes=1), "svg").startswith(b"<?xml")
    assert not list(tmp_path.iterdir())


def test_svg_names_fonts_of_browsers() -> None:
    assert b'font-family="Helvetica,Arial,sans-serif"' in draw.space(graphs.cell_space(nodes=1), "svg")


@pytest.mark.usefixtures("bare")
def test_pdf_needs_an_installed_graphviz(tmp_path: Path) -> None:
    with pytest.raises(NasdslError) as failure:
        draw.genotype(graphs.nasfpn(), tmp_path / "a.pdf")
    assert code(failure) == "E0702"
    assert any("svg" in text for text in failure.value.diagnostics[0].helps)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("target", ["picture.docx", "picture", Path("svg")])
def test_an_unknown_format_is_refused(target: str | Path) -> None:
    with pytest.raises(NasdslError) as failure:
        draw.genotype(graphs.nasfpn(), target)
    assert code(failure) == "E0701"


@pytest.mark.usefixtures("bare")
def test_no_renderer_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(renderer, "shipped_dot", lambda: None)
    with pytest.raises(NasdslError) as failure:
        draw.genotype(graphs.nasfpn(), "svg")
    assert code(failure) == "E0703"
    assert draw.genotype(graphs.nasfpn(), tmp_path / "a.dot").startswith(b"digraph")


def test_a_system_dot_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        used.append(command[0])
        return subprocess.CompletedProcess(command, 0, b"%PDF-1.7", b"")

    monkeypatch.setattr(renderer, "system_dot", lambda: "/somewhere/dot")
    monkeypatch.setattr(subprocess, "run", run)
    assert renderer.render("digraph {}", "pdf") == b"%PDF-1.7"
    assert used == ["/somewhere/dot"]


def test_a_renderer_that_fails_or_hangs_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 1, b"", b"Error: out of memory\n")

    def hang(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        raise subprocess.TimeoutExpired(command, 120)

    for run in (fail, hang):
        monkeypatch.setattr(subprocess, "run", run)
        with pytest.raises(NasdslError) as failure:
            renderer.render("digraph {}", "svg")
        assert code(failure) == "E0703"


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(NasdslError) as failure:
        draw.genotype(graphs.nasfpn(), tmp_path / "no" / "where.dot")
    assert code(failure) == "E0704"


def test_a_huge_drawing_is_a_coarser_png() -> None:
    assert renderer._dots(b'<svg width="200pt" height="100pt"') == 160
    assert renderer._dots(b'<svg width="100pt" height="20000.5pt"') == 43
