"""Operations from Python modules: how they are found, what is refused, and what a space can do with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from textwrap import dedent
from zlib import crc32

import pytest
import torch
from click.testing import CliRunner

import nasdsl
from nasdsl import NasdslError, architecture, build, load, loads, network
from nasdsl.cli import program
from nasdsl.ops import plugins, registry

DOCS = Path(__file__).parents[2] / "docs" / "plugins.md"
KEPT = "from nasdsl.ops.primitive import *\n\ndef kept(inputs, args):\n    return inputs[0]\n\n"
CELL = "cell f(x) { node n { from x; op " + "%s }; out n }\n"
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a Python module where it is found; every test has modules of its own name, for Python keeps them."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)

    def module(name: str, text: str, before: str = KEPT) -> None:
        (tmp_path / f"{name}.py").write_text(before + text, encoding="utf-8")

    return module


def fenced(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def refusal(run: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(NasdslError) as caught:
        run()
    [problem] = caught.value.diagnostics
    return problem.code, "\n".join((problem.message, *problem.notes))


def test_the_documented_plug_in_works(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    plugin, used = fenced("python")
    write("my_ops", plugin, before="")
    Path("space.nas").write_text(fenced("nas")[0], encoding="utf-8")
    for command in fenced("sh")[0].splitlines():
        result = CliRunner().invoke(program, command.split()[1:], prog_name="nasdsl")
        assert result.exit_code == 0, result.output
    exec(used, {})
    # Three reads of four operations, two merges at each of two nodes.
    assert capsys.readouterr().out == f"{4**3 * 2**2}\n"
    space = load("space.nas", ops=["my_ops"])
    for genotype in (space.sample(Random(0)), space[0], space[space.size - 1]):
        made = network(genotype)
        module = build(architecture(made), seed=0)
        assert sum(p.numel() for p in module.parameters()) == made.params
        assert module(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert registry.measures()["gains"](network(space[0])) == 3


def test_an_operation_without_a_builder_counts_and_costs_and_makes_no_module(write: Write) -> None:
    write("unbuilt", "OPERATIONS = {'u': [Primitive('unbuilt_one', '', kept, params=lambda i, o, a: 7)]}")
    space = loads(f"use u (unbuilt_one)\nuse vision (identity)\n{CELL % 'identity | unbuilt_one'}", ops=["unbuilt"])
    assert space.size == 2
    assert network(space[1]).params == 7
    assert nasdsl.check(space) == ()
    nasdsl.space_graph(space)
    assert refusal(lambda: build(architecture(network(space[1]))))[0] == "E0282"
    build(architecture(network(space[0])))


def test_a_network_with_a_class_of_a_plug_in_has_no_source(write: Write) -> None:
    text = """
    import torch
    class Twice(torch.nn.Module):
        def forward(self, x):
            return 2 * x
    OPERATIONS = {"tw": [
        Primitive("twice", "", kept, lambda i, o, a: Twice()),
        Primitive("double", "", kept, lambda i, o, a: lambda x: 2 * x),
        Primitive("doubled", "", kept, lambda i, o, a: "2 * {0}"),
    ]}
    """
    write("twices", dedent(text))
    for name, has_source in {"twice": False, "double": False, "doubled": True}.items():
        module = build(architecture(network(loads(f"use tw ({name})\n{CELL % name}", ops=["twices"])[0])))
        x = torch.randn(2, 16, 3, 3)
        assert module(x).equal(2 * x)
        if has_source:
            assert "= 2 * x" in module.code
        else:
            assert refusal(lambda module=module: module.code)[0] == "E0284"


def test_a_search_in_a_space_that_cannot_be_built_is_refused_before_it_begins(write: Write) -> None:
    write("unbuilt_too", "OPERATIONS = {'u2': [Primitive('unbuilt_two', '', kept)]}")
    text = "use u2 (unbuilt_two)\nuse vision (identity, classifier)\n"
    text += "net n { input image(3, 32, 32); stage (width = 3) { identity | unbuilt_two }; head classifier(10) }\n"
    Path("space.nas").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(program, ["evolve", "space.nas", "--ops", "unbuilt_too"], prog_name="nasdsl")
    assert result.exit_code == 1
    assert "E0282" in result.output
    assert not Path("runs").exists()


def test_what_was_loaded_before_does_not_matter(write: Write) -> None:
    """A module is there only for those who name its plug-in."""
    write("once", "OPERATIONS = {'o': [Primitive('once_only', '', kept)]}")
    text = f"use o (once_only)\n{CELL % 'once_only'}"
    loads(text, ops=["once"])
    assert refusal(lambda: load_all(text))[0] == "E0210"


def load_all(text: str) -> object:
    try:
        return loads(text)
    except NasdslError as mistake:
        raise NasdslError(mistake.diagnostics[:1]) from None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "has no OPERATIONS"),
        ("OPERATIONS = [1]", "is no mapping"),
        ("OPERATIONS = {'a b': []}", "no name that can be imported"),
        ("OPERATIONS = {3: []}", "no name that can be imported"),
        ("OPERATIONS = {'a': 'conv'}", "is no sequence"),
        ("OPERATIONS = {'a': [3]}", "is no primitive"),
        ("OPERATIONS = {'a': [Primitive('a', '', kept, role='loop')]}", "nasdsl's own"),
        ("OPERATIONS = {'a': [Primitive('a b', '', kept)]}", "is no name"),
        ("OPERATIONS = {'a': [Primitive('a', '', kept), Primitive('a', '', kept)]}", "two operations called `a`"),
        ("OPERATIONS = {}\nLIBRARIES = {'a': 3}", "is not a text"),
        ("OPERATIONS = {}\nMEASURES = {'a': 3}", "cannot be called"),
        ("import no_module_of_this_name", "No module named 'no_module_of_this_name'"),
        ("raise ValueError('out of order')", "ValueError: out of order"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("def (", "SyntaxError: invalid syntax"),
    ],
)
def test_what_is_no_plug_in_says_why(write: Write, text: str, said: str) -> None:
    name = f"wrong_{crc32(text.encode())}"
    write(name, text)
    code, message = refusal(lambda: plugins.load(name))
    assert code == "E0280"
    assert said in message
    assert "Traceback" not in message


@pytest.mark.parametrize(("name", "help_"), [("ops.py", "--ops ops"), ("here/ops.py", "--ops here.ops"), ("a b", "")])
def test_a_plug_in_is_named_as_a_module(name: str, help_: str) -> None:
    with pytest.raises(NasdslError) as caught:
        plugins.load(name)
    assert caught.value.diagnostics[0].helps == ((help_,) if help_ else ())


def test_a_name_stands_for_one_operation(write: Write) -> None:
    write("first_of_two", "OPERATIONS = {'a': [Primitive('contested', '', kept)]}")
    write("second_of_two", "OPERATIONS = {'b': [Primitive('contested', '', kept)]}")
    write("against_nasdsl", "OPERATIONS = {'b': [Primitive('conv', '', kept)]}")
    write("against_a_block", "LIBRARIES = {'vision': 'block sep_conv { relu }'}\nOPERATIONS = {}")
    write("offers_nasdsls", "from nasdsl.ops.registry import PRIMITIVES\nOPERATIONS = {'b': [PRIMITIVES['conv']]}")
    text = CELL % "conv(1)"
    loads("use vision (conv)\n" + text, ops=["first_of_two"])
    for other in ("second_of_two", "against_nasdsl", "against_a_block"):
        assert refusal(lambda other=other: load_all_ops("use vision (conv)\n" + text, other))[0] == "E0281", other
    assert loads("use b (conv)\n" + text, ops=["offers_nasdsls"]).size == 1


def load_all_ops(text: str, name: str) -> object:
    try:
        return loads(text, ops=[name])
    except NasdslError as mistake:
        raise NasdslError(mistake.diagnostics[:1]) from None


def test_a_plug_in_adds_to_a_module_and_to_that_of_another(write: Write) -> None:
    write("adds_one", "OPERATIONS = {'vision': [Primitive('added_one', '', kept)]}")
    write(
        "adds_two",
        "OPERATIONS = {'vision': [Primitive('added_two', '', kept)]}\n"
        "LIBRARIES = {'vision': 'block both { added_one; added_two; relu_conv_bn(3) }'}",
    )
    text = f"use vision (both, added_one, conv)\n{CELL % 'one of [both, added_one, conv(1)]'}"
    assert loads(text, ops=["adds_one", "adds_two"]).size == 3


def test_merges_are_in_scope_where_their_module_is_imported(write: Write) -> None:
    write(
        "joins",
        "OPERATIONS = {'j': [Primitive('joined', '', kept, arity=None, role='merge'), Primitive('j', '', kept)]}",
    )
    text = "cell f(x) { node n { from x, x; op relu; merge joined }; out n }\n"
    assert loads("use j (j)\nuse vision (relu)\n" + text, ops=["joins"]).size == 1
    assert refusal(lambda: load_all_ops("use vision (relu)\n" + text, "joins"))[0] == "E0201"


def test_an_input_of_a_plug_in(write: Write) -> None:
    write(
        "words",
        "OPERATIONS = {'w': [Primitive('words', '', lambda i, a: Shape(a['v'], (a.get('n', 9),)), None,\n"
        "(Parameter('v', required=True), Parameter('n', 9)), arity=0, role='input'), Primitive('w', '', kept)]}",
    )
    space = loads("use w (w)\nnet n { input words(70, n = 5 | 6); stem w }\n", ops=["words"])
    assert space.size == 2
    assert [str(network(space[i]).ops[-1].shape) for i in range(2)] == ["70x5", "70x6"]
    assert refusal(lambda: network(space[0], nasdsl.Binding(3, (28, 28), 10)))[0] == "E0410"
    assert refusal(lambda: loads("use w (w)\nnet n { input words(0); stem w }\n", ops=["words"]))[0] == "E0205"
    assert refusal(lambda: loads("use w (w)\nnet n { input words; stem w }\n", ops=["words"]))[0] == "E0203"


def test_a_rule_that_fails_is_the_plug_ins_fault(write: Write) -> None:
    write(
        "failing",
        "def wrong(*given):\n    raise KeyError('nothing here')\n"
        "OPERATIONS = {'fail': [Primitive('bad_shape', '', wrong), Primitive('bad_cost', '', kept, macs=wrong),\n"
        "Primitive('bad_build', '', kept, wrong)]}",
    )
    for name, run in {
        "bad_shape": nasdsl.check,
        "bad_cost": lambda space: network(space[0]),
        "bad_build": lambda space: build(architecture(network(space[0]))),
    }.items():
        space = loads(f"use fail ({name})\n{CELL % name}", ops=["failing"])
        if name == "bad_shape":
            assert [d.code for d in nasdsl.check(space)] == ["E0283"]
        else:
            code, message = refusal(lambda run=run, space=space: run(space))
            assert code == "E0283"
            assert "plug-in `failing`" in message


def installed(folder: Path, *lines: str) -> None:
    info = folder / "some_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-plugin\nVersion: 1.0\n", encoding="utf-8")
    entries = "\n".join(("[nasdsl.operations]", *lines, ""))
    (info / "entry_points.txt").write_text(entries, encoding="utf-8")


def test_an_installed_plug_in_is_found_by_the_module_that_is_imported(write: Write, tmp_path: Path) -> None:
    write(
        "from_a_package",
        "OPERATIONS = {'packed': [Primitive('packed_one', '', kept)], 'vision': [Primitive('packed_two', '', kept)]}",
    )
    installed(tmp_path, "packed = from_a_package", "vision = from_a_package", "unpacked = from_a_package")
    space = loads(f"use packed (packed_one)\n{CELL % 'packed_one'}")
    assert space.ops == ("from_a_package",)
    assert loads(f"use vision (relu, packed_two)\n{CELL % 'packed_two'}").size == 1
    assert refusal(lambda: load_all(f"use unpacked (packed_one)\n{CELL % 'packed_one'}"))[0] == "E0280"


def test_installed_plug_ins_are_not_looked_for_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "installed", lambda module: pytest.fail("the metadata was read"))
    load("darts")
