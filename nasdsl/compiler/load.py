"""From text to a search space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nasdsl.compiler.alignment import reduction
from nasdsl.compiler.amount import bounded
from nasdsl.compiler.blocks import declared
from nasdsl.compiler.candidates import array_size, members
from nasdsl.compiler.expansion import MOST_PROBLEMS, Context, Expansion, Slot, Template
from nasdsl.compiler.genotypes import headers, only_genotypes, read_genotypes
from nasdsl.compiler.graphs import instance
from nasdsl.compiler.imports import Imports
from nasdsl.compiler.judge import fault
from nasdsl.compiler.lower import handed
from nasdsl.compiler.names import Definition, Scope, declare
from nasdsl.compiler.nets import net as expand_net
from nasdsl.compiler.pool import pool
from nasdsl.compiler.quantities import hyper, parameter, shared, weighed
from nasdsl.compiler.reach import reached
from nasdsl.compiler.requires import expanded as constraints
from nasdsl.compiler.requires import of_root
from nasdsl.compiler.steps import step, use
from nasdsl.compiler.templates import named
from nasdsl.diagnostics import Diagnostic, NasdslError, did_you_mean, error
from nasdsl.ops.primitive import Value
from nasdsl.source import SourceFile, Span
from nasdsl.space import skeleton as sk
from nasdsl.space.model import SearchSpace
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse, read

Params = Mapping[str, int | float]


def load(
    where: str | Path,
    params: Params | None = None,
    net: str | None = None,
    *,
    prefer_search: bool = False,
    ops: Sequence[str] = (),
    genotypes: str | Path | None = None,
) -> SearchSpace:
    """The space of a `.nas` file, or of a shipped space given by its bare name.

    `params` replaces the values of `param` declarations; `net` names the root, else the first net (with `prefer_search`
    the net `search`, where there is one); `ops` names the Python modules of plug-ins; `genotypes` is a file of more
    named genotypes, as they would stand in the file of the space. Raises NasdslError with every independent mistake.
    """
    more = read(Path(genotypes)) if genotypes is not None else None
    return compiled(read(locate(where)), params, net, prefer_search=prefer_search, ops=ops, genotypes=more)


def loads(
    text: str,
    name: str = "<text>",
    params: Params | None = None,
    net: str | None = None,
    *,
    prefer_search: bool = False,
    ops: Sequence[str] = (),
    imports: Mapping[str, str] | None = None,
    genotypes: str | None = None,
) -> SearchSpace:
    """The space of a text; see `load`. `imports` holds the texts that it imports by path, by their normal paths."""
    source, more = SourceFile(name, text), SourceFile("<genotypes>", genotypes) if genotypes is not None else None
    return compiled(source, params, net, prefer_search=prefer_search, ops=ops, imports=imports, genotypes=more)


def shipped() -> dict[str, Path]:
    """The spaces that come with nasdsl, by name."""
    package = Path(__file__).parent.parent
    # A checkout keeps them beside the package.
    folder = package / "spaces" if (package / "spaces").is_dir() else package.parent / "spaces"
    return {path.stem: path for path in sorted(folder.glob("*.nas"))}


def parted(typed: str) -> tuple[str, str | None]:
    """What is typed as `SPACE:GENOTYPE`, taken apart; the genotype, a code or a name, is None where there is none.

    A path that exists is a space, colons or not.
    """
    space, colon, genotype = typed.rpartition(":")
    if not (colon and space) or "/" in genotype or Path(typed).exists():
        return typed, None
    return space, genotype


def locate(where: str | Path) -> Path:
    """The file of a path or of a shipped space's name; E0530 where that is followed by a genotype."""
    path = Path(where)
    known = shipped()
    space, genotype = parted(str(where))
    if genotype is not None and (space in known or Path(space).is_file()):
        raise error(
            "E0530", f"`{where}` is one genotype, and a space is wanted here", helps=(space,),
            notes=("info, print and render take a genotype",),
        )  # fmt: skip
    if not path.exists() and str(where) in known:
        return known[str(where)]
    if not path.exists() and len(path.parts) == 1 and not path.suffix:
        helps = did_you_mean(str(where), known) or ("the shipped spaces are " + ", ".join(known),)
        raise error("E0001", f"there is no file and no shipped space `{where}`", helps=helps)
    return path


def compiled(
    source: SourceFile,
    params: Params | None = None,
    net: str | None = None,
    *,
    prefer_search: bool = False,
    ops: Sequence[str] = (),
    imports: Mapping[str, str] | None = None,
    genotypes: SourceFile | None = None,
) -> SearchSpace:
    """Everything between text and space."""
    file = parse(source)
    if genotypes is not None:
        file = file.but(items=(*file.items, *only_genotypes(parse(genotypes))))
    return expanded(file, params, Imports(file, ops, imports)).named(net, prefer_search=prefer_search)


@dataclass(frozen=True)
class Expanded:
    """A file with all that it declares expanded once; its nets share what they have in common."""

    scope: Scope
    x: Expansion
    params: Params
    imports: Imports

    def space(self, net: str | None = None, *, prefer_search: bool = False) -> SearchSpace:
        """The space of one root, without its named genotypes; E0231 or E0232 where there is no such root."""
        found = choose_root(self.scope, net, prefer_search)
        try:
            return self.rooted(found)
        except RecursionError:
            raise too_deep(found.span) from None

    def rooted(self, found: Definition) -> SearchSpace:
        """The space of a net or of a graph; E0240 and E0242 where one network is more than can be handled."""
        x, source = self.x, self.scope.source
        top: sk.Net | str
        if isinstance(found.what, tree.Net):
            top = x.nets[found.what.name.text if found.what.name else "net"]
            name = top.name
        else:
            assert isinstance(found.what, tree.Graph)
            name = top = instance(x, found, None if found.what.count is None else 0)
        requires = of_root(x.requires, top)
        seen = reached(top, x.graphs, requires)
        seen.walk(tuple(x.hypers.values()))
        graphs = {key: graph for key, graph in x.graphs.items() if key in seen.graphs}
        skeleton = sk.Skeleton(top, graphs, reduction(x), requires, hypers=tuple(x.hypers.values()))
        bounded(skeleton)
        return SearchSpace(
            name=Path(source.name).stem if source.path is not None else source.name.removesuffix(".nas"),
            net=name,
            params=dict(self.params),
            source=source.text,
            imports=dict(self.imports.files.texts),
            ops=tuple(self.imports.plugins),
            entries=x.entries({name, *graphs, *x.hypers}, seen.paths),
            skeleton=skeleton,
            fault=fault,
            pooled=pool,
            handed=handed,
        )

    def named(self, net: str | None = None, *, prefer_search: bool = False) -> SearchSpace:
        """The space of one root with its named genotypes."""
        return self.with_genotypes(self.space(net, prefer_search=prefer_search))

    def with_genotypes(self, space: SearchSpace) -> SearchSpace:
        """A space of this file with its named genotypes; NasdslError with every mistake in them."""
        net = space.net if isinstance(space.skeleton.root, sk.Net) else None
        file = self.scope.file
        return read_genotypes(space, file, lambda params: expanded(file, params, self.imports).space(net))


def expanded(file: tree.File, params: Params | None = None, imports: Imports | None = None) -> Expanded:
    """All that a file declares; NasdslError with every mistake but those of shapes and of genotypes."""
    imports = imports or Imports(file)
    scope = declare(file, imports, key=imports.files.root)
    x = Expansion(scope, params or {})
    x.problems += scope.problems
    try:
        _expand(file, scope, x)
    except NasdslError:
        assert len(x.problems) >= MOST_PROBLEMS, "other mistakes are kept where they are met"
    except RecursionError:
        raise too_deep(file.span) from None
    if x.problems:
        x.problems += headers(file)[0]
        x.problems.sort(key=lambda d: d.position)
        raise NasdslError(x.problems)
    return Expanded(scope, x, params or {}, imports)


def too_deep(span: Span | None) -> NasdslError:
    helps = ("break them up into fewer levels",)
    return error("E0242", "the declarations of this file are nested too deep", span, helps=helps)


def _expand(file: tree.File, scope: Scope, x: Expansion) -> None:
    with x.collecting():
        known_params(scope, x.params)
    with x.collecting():
        every_declaration(x, scope)
    for item in file.items:
        if isinstance(item, tree.Require):
            with x.collecting():
                x.requires += constraints(x, item, Context(scope), "file", "the file")


def known_params(scope: Scope, params: Mapping[str, Value]) -> None:
    """E0230 for a value given to a parameter that the file does not declare."""
    declared = [item.name.text for item in scope.file.items if isinstance(item, tree.Param)]
    problems: list[Diagnostic] = []
    for name in params:
        if name in scope.imported and isinstance(scope.names[name].what, tree.Param):
            notes = ("a parameter keeps the value it has in its own file",)
            problems.append(Diagnostic("E0230", f"`{name}` is imported, and cannot be set", notes=notes))
        elif name not in declared:
            helps = did_you_mean(name, declared) or (
                ("its parameters are " + ", ".join(declared),) if declared else ("the file declares no parameters",)
            )
            problems.append(Diagnostic("E0230", f"the file has no parameter `{name}`", helps=helps))
    if problems:
        raise NasdslError(problems)


def every_declaration(x: Expansion, scope: Scope) -> None:
    """Expand all that is declared, used or not, so that each mistake is found in one run."""
    for name, found in list(scope.names.items()):
        # An imported hyper-parameter is used by being there; what else is imported is expanded where it is used.
        if name in scope.imported and not isinstance(found.what, tree.Hyper):
            continue
        with x.collecting():
            match found.what:
                case tree.Graph() if found.what.count is None:
                    instance(x, found, None)
                case tree.Graph():
                    array_size(x, found.what, Context(scope))
                    instance(x, found, 0)
                case tree.Net():
                    x.nets[name] = expand_net(x, found)
                case tree.Alias():
                    use(x, found, name, (), found.what.span, Context(scope), Slot(), name)
                case tree.Param():
                    parameter(x, found.what, Context(scope))
                case tree.Hyper():
                    hyper(x, found.what, Context(found.home))
                case tree.Let():
                    shared(x, found.what, Context(scope))
                case tree.Ops():
                    every_member(x, found.what, Context(scope))
                case tree.Block():
                    declared(x, found, found.what)


def every_member(x: Expansion, ops: tree.Ops, ctx: Context) -> None:
    with x.inside(ops.name.text, ops.name.span):
        found = members(x, ops.value, ctx)
    for member, home in found:
        with x.collecting():
            expr, _ = weighed(x, member, home)
            if isinstance(expr, tree.Ref) and isinstance(named(x, expr, home), Template):
                continue
            step(x, expr, home, Slot(), ops.name.text)


def choose_root(scope: Scope, wanted: str | None, prefer_search: bool) -> Definition:
    """The net or cell asked for, else `search` where preferred, else the first net, else the last graph of the file."""
    nets = {n: d for n, d in scope.names.items() if isinstance(d.what, tree.Net)}
    if wanted is not None:
        found = scope.names.get(wanted)
        if found is not None and isinstance(found.what, tree.Net | tree.Graph):
            return found
        helps = did_you_mean(wanted, scope.names) or ("its nets are " + ", ".join(nets),) if nets else ()
        notes = () if nets else ("it declares no net; its last cell stands for it",)
        raise error("E0231", f"the file has no net `{wanted}`", helps=helps, notes=notes)
    if prefer_search and "search" in nets:
        return nets["search"]
    if nets:
        return next(iter(nets.values()))
    graphs = [d for d in scope.names.values() if isinstance(d.what, tree.Graph) and d.home is scope]
    if not graphs:
        raise error("E0232", "the file declares no net and no cell", scope.file.span, helps=("net search { ... }",))
    return graphs[-1]
