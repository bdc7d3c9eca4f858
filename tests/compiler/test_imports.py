"""Imports from other files: what they bring, what they are called, and what is refused."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import pytest

from nasdsl import NasdslError, SearchSpace, exact, load, loads, network
from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.gathered import gathered
from nasdsl.diagnostics import Diagnostic
from nasdsl.syntax.parser import read

COMMON = """
use vision (conv, conv_bn, identity)
use "deep/more.nas" (extra)

param K = 3
ops candidates = [conv(1), conv(K), *extra]
block stack(k) { conv_bn(k); conv(1) | conv(3) }
cell helper(x) {
  node n[2] { from prev; op one of candidates }
  out last(n)
}
cell left(x) {
  node a { from x; op one of [helper, identity] }
  out a
}
net alone { input image(3, 32, 32); stage (width = 8) { left } }
"""
MORE = """
use vision (conv, identity)
ops extra = [identity, conv(5)]
let kernel = 3 | 5
block wide { conv(kernel) }
"""
ROOT = """
use vision (classifier, conv, conv_bn)
use "parts/common.nas" (stack, left, K)
use "./parts/../parts/deep/more.nas" (wide)

cell helper(x) {
  node n { from x; op one of [conv(1), conv(K)] }
  out n
}
net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 8)
  stage s (width = 8) { stack(K); left; helper; wide }
  head  classifier(10)
}
genotype first of search {
  left.a               { op helper }
  common.helper.n[0]   { op conv(5) }
  common.helper.n[1]   { op identity }
  more.kernel = 5
  helper.n             { op conv(K) }
  search.s[0][1] = conv(1)
}
"""
TEXTS = {"parts/common.nas": COMMON, "parts/deep/more.nas": MORE}


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.nas"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def space(tmp_path: Path) -> SearchSpace:
    write(tmp_path, root=ROOT, parts__common=COMMON, parts__deep__more=MORE)
    return load(tmp_path / "root.nas")


def found(path: Path) -> list[Diagnostic]:
    return list(diagnostics(read(path)))


def codes(path: Path) -> list[str]:
    return [d.code for d in found(path)]


def test_what_is_imported_is_decided_under_names_of_its_own(space: SearchSpace) -> None:
    """The root's `helper` and that behind `left` are two cells."""
    assert [d.path for d in space.decisions] == [
        "left.a.op[0]", "common.helper.n[0].op[0]", "common.helper.n[1].op[0]", "more.kernel", "helper.n.op[0]",
        "search.s[0][1]",
    ]  # fmt: skip
    assert space.size == 2 * 4 * 4 * 2 * 2 * 2


def test_a_genotype_is_written_and_read_by_these_names(space: SearchSpace) -> None:
    text = space.source + space.sample(Random(3)).text("again")
    assert loads(text, "root.nas", imports=space.imports).point("again").code == space.sample(Random(3)).code
    assert space.point("first") in space


def test_imported_texts_are_kept_with_the_space(space: SearchSpace) -> None:
    assert space.imports == TEXTS
    again = loads(space.source, imports=space.imports)
    assert [exact(again[i]) for i in range(0, 256, 17)] == [exact(space[i]) for i in range(0, 256, 17)]


def test_gathered_texts_are_the_same_space_in_one_folder(space: SearchSpace, tmp_path: Path) -> None:
    text, imports = gathered(space)
    assert sorted(imports) == ["imports/common.nas", "imports/more.nas"]
    write(
        tmp_path,
        moved__space=text,
        **{f"moved__{k.removesuffix('.nas')}".replace("/", "__"): v for k, v in imports.items()},
    )
    moved = load(tmp_path / "moved" / "space.nas")
    assert [d.path for d in moved.decisions] == [d.path for d in space.decisions]
    assert moved.point("first").code == space.point("first").code
    assert gathered(loads("cell f(x) { node n { from x }; out n }")) == ("cell f(x) { node n { from x }; out n }", {})


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    cell = "use vision (conv)\ncell inner(x) { node n { from x; op conv(1) | conv(3) }; out n }\n"
    for name in ("one", "two"):
        write(tmp_path, **{f"{name}__part": cell + f"cell {name}_cell(x) {{ node n {{ from x; op inner }}; out n }}\n"})
    write(
        tmp_path,
        root='use "one/part.nas" (one_cell)\nuse "two/part.nas" (two_cell)\n'
        "cell part(x) { node n { from x; op one_cell }; node m { from n; op two_cell }; out m }\n",
    )
    made = load(tmp_path / "root.nas")
    assert [d.path for d in made.decisions] == ["part_2.inner.n.op[0]", "part_3.inner.n.op[0]"]
    moved, imports = gathered(made)
    assert [d.path for d in loads(moved, imports=imports).decisions] == [d.path for d in made.decisions]


def test_a_file_named_as_a_keyword_gives_paths_that_can_be_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        cell="use vision (conv)\nlet k = 1 | 3\nblock b { conv(k) }\n",
        root='use "cell.nas" (b)\ncell f(x) { node n { from x; op b }; out n }\ngenotype g { cell_.k = 3 }\n',
    )
    assert load(tmp_path / "root.nas").point("g").code == "1"


def test_only_the_parameters_of_the_root_are_set(tmp_path: Path) -> None:
    part = "use vision (conv)\nparam K = 3\nblock b { conv(K) }\n"
    root = 'use "part.nas" (b)\nparam K = 1\ncell f(x) { node n { from x; op b }; out n }\n'
    write(tmp_path, part=part, root=root)
    kernels = {dict(op.args).get("k") for op in network(load(tmp_path / "root.nas", {"K": 5})[0]).ops}
    assert kernels == {None, 3}
    with pytest.raises(NasdslError, match="E0230"):
        load(tmp_path / "root.nas", {"B": 5})


def test_a_block_may_use_one_of_the_same_name_elsewhere(tmp_path: Path) -> None:
    write(
        tmp_path,
        part="use vision (conv)\nblock stack { conv(3) }\nblock twice { stack; stack }\n",
        root='use "part.nas" (twice)\nblock stack { twice }\ncell f(x) { node n { from x; op stack }; out n }\n',
    )
    assert codes(tmp_path / "root.nas") == []


def test_names_in_a_circle_are_found_in_an_imported_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        part="block a { b }\nblock b { a }\n",
        root='use "part.nas" (a)\ncell f(x) { node n { from x; op a }; out n }\n',
    )
    assert codes(tmp_path / "root.nas") == ["E0241"]


def test_a_misfit_in_an_imported_file_shows_where_it_is_imported(tmp_path: Path) -> None:
    write(
        tmp_path,
        part="use vision (conv)\n"
        "cell bad(x) { node n { from x, x; op conv(1, width = 3), conv(1, width = 5); merge add }; out n }\n",
        root='use "part.nas" (bad)\nnet n { input image(3, 32, 32); stage (width = 8) { bad } }\n',
    )
    [problem] = found(tmp_path / "root.nas")
    assert problem.code == "E0401"
    assert problem.span is not None
    assert problem.span.source.name.endswith("part.nas")
    assert [label.span.text for label in problem.labels if label.message == "imported here"] == ['"part.nas"']


def test_a_file_imported_twice_is_read_once_and_its_mistakes_are_said_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        part="use vision (nothing)\nblock a { nothing }\n",
        other='use "part.nas" (a)\nblock b { a }\n',
        root='use "part.nas" (a)\nuse "other.nas" (b)\n'
        "cell f(x) { node n { from x; op a }; node m { from n; op b }; out m }\n",
    )
    assert codes(tmp_path / "root.nas") == ["E0212"]


def test_errors_stand_in_the_order_of_the_root_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        part="\n" * 50 + "block a { nowhere }\n",
        root='use "part.nas" (a)\ncell f(x) { node n { from x; op a }; node m { from n; op nothing }; out m }\n',
    )
    assert [d.message.split("`")[1] for d in found(tmp_path / "root.nas")] == ["nowhere", "nothing"]


def test_a_text_without_a_file_cannot_import_by_path() -> None:
    with pytest.raises(NasdslError, match="E0274"):
        loads('use "part.nas" (a)\ncell f(x) { node n { from x; op a }; out n }\n')
    with pytest.raises(NasdslError, match="E0271"):
        loads('use "part.nas" (a)\ncell f(x) { node n { from x; op a }; out n }\n', imports={"other.nas": ""})


@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "link", "large", "nul"])
def test_only_a_file_of_the_language_is_opened(tmp_path: Path, kind: str) -> None:
    """Whatever lies there, the answer is quick, and shows nothing of what another file holds."""
    (tmp_path / "secret.txt").write_text("password = hunter2\n", encoding="utf-8")
    part = tmp_path / "part.nas"
    match kind:
        case "device":
            part.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(part)
        case "folder":
            part.mkdir()
        case "link":
            part.symlink_to("secret.txt")
        case "large":
            part.write_text("#" * 1_000_001, encoding="utf-8")
    name = "pa\0rt.nas" if kind == "nul" else "part.nas"
    write(tmp_path, root=f'use "{name}" (a)\ncell f(x) {{ node n {{ from x; op a }}; out n }}\n')
    began = time.monotonic()
    [problem] = found(tmp_path / "root.nas")
    assert time.monotonic() - began < 1
    assert problem.code == ("E0272" if kind == "link" else "E0271")
    assert problem.span is not None
    assert problem.span.source.name.endswith("root.nas")
    assert "hunter2" not in repr(problem)


def test_there_are_bounds_on_how_much_is_imported(tmp_path: Path) -> None:
    uses = "".join(f'use "p{i}.nas" (b{i})\n' for i in range(101))
    for i in range(101):
        write(tmp_path, **{f"p{i}": f"block b{i} {{ identity }}\n"})
    write(tmp_path, root=uses + "cell f(x) { node n { from x }; out n }\n")
    assert codes(tmp_path / "root.nas") == ["E0273"]
    for i in range(3):
        write(tmp_path, **{f"p{i}": f"block b{i} {{ identity }}\n" + "#" * 400_000 + "\n"})
    write(tmp_path, root="".join(uses.splitlines(keepends=True)[:4]) + "cell f(x) { node n { from x }; out n }\n")
    assert codes(tmp_path / "root.nas") == ["E0273", "E0273"]


def test_a_link_that_leads_back_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    write(
        tmp_path,
        part='use "loop/part.nas" (a)\n',
        root='use "part.nas" (a)\ncell f(x) { node n { from x; op a }; out n }\n',
    )
    assert codes(tmp_path / "root.nas") == ["E0273"]
