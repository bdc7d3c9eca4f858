"""Latencies of operations: what is one operation, what is measured of it, and how a table is kept."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import torch
from click.testing import CliRunner, Result

import nasdsl
from nasdsl import NasdslError
from nasdsl.cli import program
from nasdsl.compiler.frame import Binding
from nasdsl.compiler.network import Network
from nasdsl.ops.primitive import Shape
from nasdsl.relax import latency
from nasdsl.relax.latency import measure, whole
from nasdsl.relax.operation import Operation, different, operations, runs
from nasdsl.relax.table import Entry, LatencyTable, Machine, read

HERE = Machine(processor="Z80", device="cpu", threads=1, batch=2, torch="2.6.0")
SMALL = """use vision (conv_bn, max_pool, classifier)
net small {
  input image(3, 8, 8)
  stem conv_bn(3, width = 4)
  stage (width = 8) { conv_bn(3 | 5); max_pool(3) }
  head classifier(10)
}
genotype five of small { small.stage[0][0].k = 5 }
"""
QUICK = ("--repeats", "2")
Run = Callable[..., Result]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "WARM", 0.0)
    monkeypatch.setattr(latency, "SAMPLE", 0.0)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("small.nas").write_text(SMALL, encoding="utf-8")
    return lambda *words: CliRunner().invoke(program, ["latency", *words], prog_name="nasdsl")


def key(name: str, args: dict[str, int], read: tuple[Shape, ...], made: Shape) -> str:
    """The key of an operation that stands in a network."""
    from nasdsl.compiler.network import Op

    given = [Op("image", (), (), shape, f"in{i}", ()) for i, shape in enumerate(read)]
    op = Op(name, tuple(args.items()), tuple(range(len(read))), made, "op", ())
    found = operations(Network("net", (*given, op), tuple(range(len(read))), ((None, len(read)),)))[-1]
    assert found is not None
    return found.key


# ---- what is one operation ----

IMAGE = Shape(16, (32, 32), 0)


def test_a_key_is_what_a_person_reads() -> None:
    assert (
        key("conv", {"k": 3, "stride": 2, "width": 32}, (IMAGE,), Shape(32, (16, 16), 1))
        == "conv(k=3, stride=2) 16x32x32 -> 32x16x16"
    )
    assert key("add", {}, (IMAGE, IMAGE), IMAGE) == "add 16x32x32 + 16x32x32 -> 16x32x32"


def test_defaults_and_levels_make_no_other_operation() -> None:
    plain = key("dw_conv", {"k": 3}, (IMAGE,), IMAGE)
    assert key("dw_conv", {"dilation": 1, "stride": 1, "k": 3}, (IMAGE,), IMAGE) == plain
    assert key("dw_conv", {"k": 3}, (IMAGE._replace(level=2),), IMAGE._replace(level=2)) == plain
    assert key("dw_conv", {"k": 3, "dilation": 2}, (IMAGE,), IMAGE) != plain


def test_levels_make_another_resample() -> None:
    low, high = Shape(8, (1, 1), 4), Shape(8, (1, 1), 5)
    keys = {key("resample", {"size": (1, 1), "level": to.level}, (IMAGE._replace(level=3),), to) for to in (low, high)}
    assert len(keys) == 2


def test_words_and_numbers_are_not_one() -> None:
    space = nasdsl.load("textnas")
    keys = [o.key for o in different([nasdsl.network(space.sample(Random(0)))])]
    assert any(k.startswith("embedding") and " words -> " in k for k in keys)


def test_an_operation_in_a_cell_with_a_state_runs_for_every_element() -> None:
    network = nasdsl.network(nasdsl.load("darts_rnn").sample(Random(0)))
    [length] = {dict(op.args)["length"] for op in network.ops if op.name == "collect"}
    each = runs(network)
    assert set(each) == {1, length}
    for op, times in zip(network.ops, each, strict=True):
        if op.macs and not op.shape.size:  # a vector: an element of a sequence
            assert times == length
        if op.name in ("embedding", "tokens"):
            assert times == 1


NETS = [
    ("darts", {"N": 1, "C": 4}, Binding(1, (8, 8), 10)),
    ("nasbench201", {}, Binding(1, (8, 8), 10)),
    ("nasfpn", {}, None),
    ("mobilenetv3", {}, Binding(3, (32, 32), 10)),
    ("textnas", {}, None),
    ("swish", {}, None),
    ("hierarchical", {}, Binding(1, (8, 8), 10)),
]


@pytest.mark.parametrize(("name", "params", "binding"), NETS, ids=[name for name, *_ in NETS])
def test_what_is_timed_delivers_the_shape_it_has_in_the_network(
    name: str, params: dict[str, int], binding: Binding | None
) -> None:
    space, rng = nasdsl.load(name, params, prefer_search=True), Random(0)
    found = different(nasdsl.network(space.sample(rng), binding) for _ in range(3))
    small = [o for o in found if max(shape.width * math.prod(shape.size) for shape in (o.output, *o.inputs)) < 2e6]
    assert small
    with torch.inference_mode():
        for operation in small:
            made, inputs = latency._alone(operation, HERE)
            assert tuple(made(*inputs).shape) == (HERE.batch, operation.output.width, *operation.output.size), (
                operation.key
            )


def test_measuring_leaves_threads_and_the_global_generator_alone(quick: None) -> None:
    before, state = torch.get_num_threads(), torch.get_rng_state()
    wide = HERE.model_copy(update={"threads": before + 1})
    measure(LatencyTable(machine=wide), small_operations(), 1, lambda: None, lambda done, of: None)
    assert torch.get_num_threads() == before
    assert torch.equal(torch.get_rng_state(), state)


def small_operations() -> list[Operation]:
    return different(map(nasdsl.network, nasdsl.loads(SMALL)))


def test_a_latency_is_positive_and_lies_between_its_quartiles() -> None:
    found = latency.latency(Operation("conv", (("k", 3),), (Shape(4, (8, 8)),), Shape(4, (8, 8))), HERE, 5)
    assert 0 < found.low <= found.ms <= found.high
    assert found.repeats == 5


@pytest.mark.parametrize(
    ("name", "params", "binding"),
    [
        ("nasbench201", {}, Binding(1, (8, 8), 10)),
        ("nasfpn", {"W": 8, "N": 1}, Binding(3, (64, 64))),
        ("textnas", {}, None),
        ("darts_rnn", {}, None),
    ],
)
def test_whole_networks_are_measured_whatever_they_read(
    name: str, params: dict[str, int], binding: Binding | None, quick: None
) -> None:
    assert whole(nasdsl.network(nasdsl.load(name, params).sample(Random(3)), binding), HERE, 1).ms > 0


def test_a_reading_during_which_something_else_ran_is_taken_again() -> None:
    waits = iter([0.0] * 3 + [0.05, 0.0, 0.05, 0.0])

    def work() -> None:
        # Sleeping is what a process that was put aside does, as its clocks see it.
        time.sleep(next(waits, 0.0))
        end = time.thread_time() + 0.005
        while time.thread_time() < end:
            pass

    entry = latency._entry(work, torch.device("cpu"), 2)
    assert entry.high < 50


def test_figures_of_a_crowded_machine_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Entry(ms=1.0, low=1.0, high=1.0, repeats=1, busy=0.25)
    monkeypatch.setattr(latency, "latency", lambda *given: figure)
    crowded = run("small.nas", *QUICK)
    assert crowded.exit_code == 0
    assert "note: 8 figures are of a crowded machine: it ran something else for 75% of the time" in crowded.stderr
    assert "crowded" not in crowded.stdout


# ---- the table ----


ENTRY = {"ms": 1.0, "low": 1.0, "high": 1.0, "repeats": 1}


def table(**entries: float) -> LatencyTable:
    made = {name: Entry(ms=ms, low=ms / 2, high=2 * ms, repeats=3) for name, ms in entries.items()}
    return LatencyTable(machine=HERE, entries=made)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = table(a=0.1, b=1 / 3)
    made.save(tmp_path / "t.json")
    assert read(tmp_path / "t.json") == made
    assert [path.name for path in tmp_path.iterdir()] == ["t.json"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: {**t, "format": 2}, "has format 2, and this nasdsl reads up to format 1"),
        (lambda t: {**t, "colour": "red"}, "colour: Extra inputs are not permitted"),
        (lambda t: {k: v for k, v in t.items() if k != "machine"}, "machine: Field required"),
        (lambda t: {**t, "entries": {"conv": {**ENTRY, "ms": -1.0}}}, "entries.conv.ms: Input should be greater"),
        (lambda t: {**t, "entries": {"conv": {**ENTRY, "ms": "1"}}}, "entries.conv.ms: Input should be a valid number"),
        (lambda t: [], "Input should be an object"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused(
    change: Callable[[dict[str, object]], object], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(change(table(a=0.1).model_dump())), encoding="utf-8")
    with pytest.raises(NasdslError) as caught:
        read(path)
    [problem] = caught.value.diagnostics
    assert problem.code == "E0930"
    assert said in "\n".join((problem.message, *problem.notes))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b'{"format": 1e400}', b"[" * 100_000, None])
def test_other_files_are_refused(text: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(NasdslError) as caught:
        read(path)
    assert [each.code for each in caught.value.diagnostics] == ["E0930"]


def test_only_what_is_missing_is_measured(quick: None) -> None:
    wanted = small_operations()
    held, calls = LatencyTable(machine=HERE), []
    known = wanted[2]
    held.entries[known.key] = Entry(ms=123.0, low=123.0, high=123.0, repeats=1)
    count = measure(held, wanted, 2, lambda: calls.append(len(held.entries)), lambda done, of: calls.append((done, of)))
    assert count == len(wanted) - 1
    assert set(held.entries) == {operation.key for operation in wanted}
    assert held.entries[known.key].ms == 123.0
    assert calls == [*((n, 2 * count) for n in range(1, 2 * count + 1)), len(wanted)]
    assert measure(held, wanted, 2, lambda: calls.append("saved"), lambda done, of: None) == 0
    assert calls[-1] == len(wanted)


def test_the_quieter_of_two_visits_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, medians = small_operations(), iter(range(100, 0, -1))
    monkeypatch.setattr(
        latency, "latency", lambda *given: Entry(ms=float(next(medians)), low=0.0, high=100.0, repeats=1)
    )
    held = LatencyTable(machine=HERE)
    measure(held, wanted, 1, lambda: None, lambda done, of: None)
    assert [held.entries[o.key].ms for o in wanted] == [float(100 - len(wanted) - i) for i in range(len(wanted))]


# ---- the command ----


def test_the_table_of_a_space_and_one_that_goes_on(run: Run) -> None:
    first = run("small.nas:five", *QUICK, "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert told["measured"] == told["operations"] == len(told["entries"])
    assert told["entries"] == json.loads(Path("latency.json").read_text(encoding="utf-8"))["entries"]
    again = json.loads(run("small.nas", *QUICK, "--json").stdout)
    assert again["measured"] == 1
    assert again["operations"] == told["operations"] + 1
    assert {k: again["entries"][k] for k in told["entries"]} == told["entries"]
    assert json.loads(run("small.nas", *QUICK, "--json", "--anew").stdout)["measured"] == again["operations"]


def test_a_space_that_cannot_be_opened_is_measured_by_some_of_its_networks(run: Run) -> None:
    refused = run("nasbench101", *QUICK)
    assert refused.exit_code == 1
    assert "error[E0902]" in refused.stderr
    assert "--sample 100" in refused.stderr
    done = run("nasbench101", *QUICK, "--sample", "2", "--image", "3x8x8", "--classes", "10", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["operations"] > 20


def test_a_genotype_beside_its_network(run: Run) -> None:
    told = json.loads(run("small.nas:five", *QUICK, "--json").stdout)
    assert told["network"]["ms"] > 0
    assert told["sum"] == pytest.approx(sum(told["by_operation"].values()))
    assert told["sum"] == pytest.approx(sum(entry["ms"] for entry in told["entries"].values()))
    text = run("small.nas:five", *QUICK).stdout
    assert "0 measured now" in text
    assert "network, whole" in text
    assert "sum of the table" in text


def test_images_are_as_told(run: Run) -> None:
    entries = json.loads(run("small.nas", *QUICK, "--json", "--image", "1x6x5", "--classes", "7").stdout)["entries"]
    assert any(name.startswith("conv(k=3) 1x6x5 ->") for name in entries)
    assert any(name.endswith("-> 7") for name in entries)


def test_ctrl_c_keeps_what_is_measured(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = latency.latency, []

    def interrupted(*given: object) -> Entry:
        calls.append(given)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(latency, "latency", interrupted)
    stopped = run("small.nas", *QUICK)
    assert stopped.exit_code == 130
    assert "3 of 8 operations are measured, in latency.json; the same command goes on" in stopped.stderr
    assert len(read(Path("latency.json")).entries) == 3
    monkeypatch.setattr(latency, "latency", real)
    assert "8 operations, 5 measured now, 3 known before" in run("small.nas", *QUICK).stdout


def test_another_batch_is_another_table(run: Run) -> None:
    assert run("small.nas", *QUICK).exit_code == 0
    before = Path("latency.json").read_bytes()
    refused = run("small.nas", *QUICK, "--batch", "3")
    assert refused.exit_code == 1
    assert "error[E0931]" in refused.stderr
    assert "batch: 1 in the table, 3 here" in refused.stderr
    assert Path("latency.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--image", "3x32"], "'3x32' is not CHANNELSxHEIGHTxWIDTH, for example 3x32x32"),
        (["--image", "0x8x8"], "'0x8x8' is not CHANNELSxHEIGHTxWIDTH"),
        (["--device", "tpu"], "'tpu' is not cpu, cuda, cuda:0 or mps"),
        (["--classes", "3"], "--classes belongs to --image"),
        (["--repeats", "0"], "0 is not in the range"),
    ],
)
def test_a_wrong_command_line(run: Run, words: list[str], said: str) -> None:
    refused = run("small.nas", *words)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not Path("latency.json").exists()


def test_a_folder_that_is_not_there_is_known_before_anything_is_measured(run: Run) -> None:
    refused = run("small.nas", "-o", "gone/t.json")
    assert refused.exit_code == 1
    assert "gone/t.json" in refused.stderr
