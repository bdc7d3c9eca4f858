"""Spaces, genotypes and mistakes as a notebook shows them, by IPython itself."""

import random
import re
from xml.etree import ElementTree as ET

import pytest
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell

import nasdsl
from nasdsl.diagnostics import NasdslError, error
from nasdsl.draw import renderer
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import SearchSpace

SPACE = nasdsl.loads(
    """use vision (identity, conv_bn)
motif small[3](x) { node n { from x; op conv_bn(3) | identity | conv_bn(5) }; out n }
net tiny { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { one of [*small] } }
""",
    name="<b>tiny & co</b>",
)
BROKEN = "cell f(x) { node n { form <i>x }; out n }"


def shown(what: SearchSpace | Genotype | NasdslError) -> dict[str, str]:
    """What IPython sends to a notebook, by media type."""
    data, _ = DisplayFormatter().format(what)
    return data


def text_of(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", html)


def test_a_space_shows_its_drawing_and_its_size() -> None:
    data = shown(SPACE)
    assert ET.fromstring(data["image/svg+xml"]).tag.endswith("svg")
    assert data["image/svg+xml"] in data["text/html"]
    assert f"genotypes  {SPACE.size} " in re.sub(r" +", "  ", text_of(data["text/html"]))


def test_a_genotype_shows_its_network_and_its_cost() -> None:
    genotype = SPACE.sample(random.Random(0))
    html = shown(genotype)["text/html"]
    assert "<svg" in html
    assert genotype.code in text_of(html)
    assert "parameters" in html
    assert "multiply-adds" in html


def test_names_cannot_be_markup() -> None:
    for what in (SPACE, SPACE[0]):
        html = shown(what)["text/html"]
        assert "<b>" not in html
        assert "&lt;b&gt;tiny &amp; co" in html


def test_where_nothing_can_draw_the_summary_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "system_dot", lambda: None)
    monkeypatch.setattr(renderer, "shipped_dot", lambda: None)
    html = SPACE._repr_html_()
    assert "E0703" in html
    assert str(SPACE.size) in html
    assert "<svg" not in html


def test_a_mistake_is_a_value_with_its_source() -> None:
    with pytest.raises(NasdslError) as caught:
        nasdsl.loads(BROKEN)
    html = shown(caught.value)["text/html"]
    assert "error[E0108]" in html
    assert "<i>" not in html
    assert "node n { form &lt;i&gt;x }" in html


def test_a_cell_that_fails_shows_the_source_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell()
    shell.run_cell(f"import nasdsl\nvalue = 1\nnasdsl.loads({BROKEN!r})")
    said = re.sub(r"\033\[[0-9;]*m", "", capsys.readouterr().out)
    assert "Traceback" not in said
    assert "line 3: nasdsl.loads(" in said
    assert "error[E0108]: `form` is no word of the language" in said
    assert "help: did you mean `from`?" in said


def test_colour_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert error("E0108", "nothing")._render_traceback_()[0] == "error[E0108]: nothing"
