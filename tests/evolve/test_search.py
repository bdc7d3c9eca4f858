"""The rule of a search: one history, whatever the workers, the order of completion, or the stops."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fakes import AnyOrder, Pairs

from nasdsl.diagnostics import NasdslError
from nasdsl.evolve.history import Line, generator, history, training_seed
from nasdsl.evolve.progress import Quiet, Told
from nasdsl.evolve.search import Search
from nasdsl.evolve.settings import RunSettings, settings
from nasdsl.evolve.store import Store
from nasdsl.evolve.toolbox import Accuracy, Individual, toolbox

STRATEGIES = ("random", "aging", "tournament", "mutation")


class Listening(Quiet):
    def __init__(self) -> None:
        self.told_events: list[Told] = []

    def told(self, event: Told) -> None:
        self.told_events.append(event)


def asked(strategy: str, **more: object) -> RunSettings:
    return settings(space="pairs", **{"strategy": strategy, "budget": 60, "population": 12, **more}).settled()


def search(
    path: Path, wanted: RunSettings, workers: int = 1, seed: int = 0, stop_after: int | None = None, sides: int = 12
) -> Search:
    """A search with its store at `path`, new or found there, run until it ends or `stop_after` outcomes came."""
    executor = AnyOrder(workers, random.Random(seed))
    with Store.open(path) if path.exists() else Store.create(path) as store:
        made = Search(Pairs(sides), wanted, store, Listening(), lambda: 0.0)
        made.run(executor, lambda: stop_after is not None and executor.count >= stop_after)
        return made


def lines(made: Search) -> tuple[Line, ...]:
    return history(made.proposals, made.results)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("more", [{}, {"crossover": 0.5, "crossing": "subtree"}], ids=["mutants", "crossed"])
def test_one_history_for_any_workers_and_order(tmp_path: Path, strategy: str, more: dict[str, object]) -> None:
    expected = lines(search(tmp_path / "expected", asked(strategy, **more)))
    assert len({line[2] for line in expected}) >= 60
    for seed, workers in enumerate((2, 3, 3, 8)):
        assert lines(search(tmp_path / f"{workers}-{seed}", asked(strategy, **more), workers, seed)) == expected
    assert lines(search(tmp_path / "other", asked(strategy, seed=1, **more))) != expected


@pytest.mark.parametrize("strategy", STRATEGIES[1:])
def test_children_of_two_parents_are_only_bred_where_asked(tmp_path: Path, strategy: str) -> None:
    for rate, parents in ((0.0, {0, 1}), (0.5, {0, 1, 2}), (1.0, {0, 2})):
        made = search(tmp_path / f"{rate}", asked(strategy, crossover=rate), sides=40)
        assert {len(proposal.parents) for proposal in made.proposals} == parents


def test_crossover_comes_as_often_as_asked() -> None:
    problem, rng = Pairs(), random.Random(5)
    told = [Individual(n, problem.code(problem.sample(rng)), None, Accuracy((0.5,))) for n in range(9)]
    box = toolbox(problem, asked("aging", crossover=0.25), rng)
    bred = [box.breed(lambda: rng.choice(told))[0] for _ in range(4000)]
    assert sum(len(parents) == 2 for parents in bred) / 4000 == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_stops_and_resumes_change_nothing(tmp_path: Path, strategy: str) -> None:
    expected = lines(search(tmp_path / "expected", asked(strategy)))
    for seed in range(3):
        path, rng = tmp_path / f"stopped-{seed}", random.Random(seed)
        while True:
            made = search(path, asked(strategy), 1 + seed, rng.randrange(10**6), stop_after=rng.randrange(20))
            if len(made.results) == len(made.proposals) and made.evaluated == 60:
                break
        assert lines(made) == expected


def test_a_proposal_sees_exactly_the_results_of_its_window(tmp_path: Path) -> None:
    made = search(tmp_path / "run", asked("aging", inflight=5), 5, 3)
    for proposal in made.proposals[12:]:
        (parent,) = proposal.parents
        assert proposal.n - 4 - 12 <= parent <= proposal.n - 5
    assert all(proposal.parents == () for proposal in made.proposals[:12])


def test_the_generations_of_mutation_wait_for_all_before(tmp_path: Path) -> None:
    made = search(tmp_path / "run", asked("mutation", population=10, offspring=20), 8, 3)
    for proposal in made.proposals[10:]:
        start = proposal.n - (proposal.n - 10) % 20
        assert proposal.parents[0] < start
        own = [p for p in made.proposals[:start] if p.alias is None]
        ranked = sorted(own, key=lambda p: (-(made.results[p.n].score or -1.0), p.n))
        assert proposal.parents[0] in [p.n for p in ranked[:10]]


def test_duplicates_cost_nothing_and_share_the_result(tmp_path: Path) -> None:
    with Store.create(tmp_path / "run") as store:
        progress = Listening()
        made = Search(Pairs(sides=3), asked("random", budget=40), store, progress, lambda: 0.0)
        assert made.run(AnyOrder(3, random.Random(0)), lambda: False)
    aliases = [proposal for proposal in made.proposals if proposal.alias is not None]
    assert made.exhausted
    assert made.evaluated == 3 * 6
    assert len({p.key for p in made.proposals}) == 18
    assert aliases
    for proposal in aliases:
        first = made.proposals[proposal.alias or 0]
        assert proposal.draws == 51
        assert (first.key, first.alias) == (proposal.key, None)
        assert made.results[proposal.n].score == made.results[first.n].score
    last = progress.told_events[-1]
    assert (last.done, last.duplicates) == (18, sum(p.duplicates for p in made.proposals))
    assert [event.n for event in progress.told_events] == list(range(len(made.proposals)))


def test_a_space_of_one_genotype_ends(tmp_path: Path) -> None:
    with Store.create(tmp_path / "run") as store:
        made = Search(Pairs(sides=1), asked("aging"), store, Quiet(), lambda: 0.0)
        assert made.run(AnyOrder(1, random.Random(0)), lambda: False)
    assert made.evaluated == 1


def test_failures_are_recorded_and_never_breed_while_others_live(tmp_path: Path) -> None:
    made = search(tmp_path / "run", asked("mutation"))
    failed = {result.n for result in made.results if result.status == "failed"}
    assert failed
    assert all(made.results[n].reason.startswith("diverged") for n in failed if not made.proposals[n].fault)
    parents = {parent for proposal in made.proposals[24:] for parent in proposal.parents}
    assert not parents & failed


def test_what_is_over_a_limit_fails_without_training(tmp_path: Path) -> None:
    made = search(tmp_path / "run", asked("random", max_macs=5000))
    over = [p.n for p in made.proposals if p.macs > 5000]
    assert over
    assert all(made.results[n].reason == made.proposals[n].fault != "" for n in over)
    assert "over the limit: 11,000 multiply-adds, at most 5,000" in {made.results[n].reason for n in over}


def test_a_history_that_does_not_replay_is_refused(tmp_path: Path) -> None:
    search(tmp_path / "run", asked("aging"), stop_after=40)
    with pytest.raises(NasdslError, match="E0605: proposal 0 comes out differently .*code"):
        search(tmp_path / "run", asked("aging", seed=5))


def test_a_search_never_touches_the_global_generator(tmp_path: Path) -> None:
    random.seed(4)
    before = random.getstate()
    for strategy in STRATEGIES:
        search(tmp_path / strategy, asked(strategy))
    assert random.getstate() == before


def test_evolution_climbs(tmp_path: Path) -> None:
    def late(strategy: str) -> float:
        made = search(tmp_path / strategy, asked(strategy, budget=160, sample=6), sides=40)
        return sum(result.score or 0.0 for result in made.results[-60:])

    uniform = late("random")
    assert min(late(strategy) for strategy in STRATEGIES[1:]) > 1.25 * uniform


def test_seeds_depend_on_all_their_parts() -> None:
    assert generator(0, 1).random() == generator(0, 1).random() != generator(1, 0).random()
    assert 0 <= training_seed(0, "a") < 2**63
    assert len({training_seed(seed, key) for seed in range(10) for key in "abc"}) == 30
