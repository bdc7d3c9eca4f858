"""Numbers and tables as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasdsl.terminal.text import duration, exact, power_of_ten, short, table


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (7, "7"), (950, "950"), (999, "999"), (1000, "1K"), (3100, "3.1K"), (3149, "3.15K"), (45_000, "45K"),
        (99_949, "99.9K"), (999_499, "999K"), (999_600, "1M"), (1_240_000, "1.24M"), (2.5e9, "2.5G"), (3e12, "3T"),
    ],
)  # fmt: skip
def test_short_numbers(number: float, text: str) -> None:
    assert short(number) == text


@given(st.integers(min_value=1, max_value=10**15 - 1))
def test_a_short_number_is_short_and_close(number: int) -> None:
    text = short(number)
    assert len(text) <= 5
    value = float(text.rstrip("KMGT")) * {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(text[-1], 1)
    assert value == pytest.approx(number, rel=0.0051)


def test_exact_numbers_keep_every_digit() -> None:
    assert exact(2_286_906_949_584_691_200) == "2,286,906,949,584,691,200"
    assert exact(7**46) == f"{7**46:,}"


def test_powers_of_ten() -> None:
    assert power_of_ten(1) == "1.00 × 10⁰"
    assert power_of_ten(2_286_906_949_584_691_200) == "2.29 × 10¹⁸"
    assert power_of_ten(999_999) == "1.00 × 10⁶"
    assert power_of_ten(7**46) == "7.49 × 10³⁸"


@pytest.mark.parametrize("exponent", range(60))
def test_powers_of_ten_are_not_off_by_one(exponent: int) -> None:
    superscript = str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert power_of_ten(10**exponent) == f"1.00 × 10{superscript}"


def test_a_number_of_thousands_of_digits_is_still_shown() -> None:
    assert exact(10**9000 * 3) == power_of_ten(3 * 10**9000) == "3.00 × 10⁹⁰⁰⁰"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0s"), (0.4, "0s"), (8, "8s"), (59.6, "1m00s"), (185, "3m05s"), (3599.7, "1h00m"), (7620, "2h07m")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_table_aligns_its_columns() -> None:
    text = table(("path", "n"), [("a", "1"), ("longer", "1,000")], right=(1,), indent="")
    assert text.splitlines() == ["path        n", "a           1", "longer  1,000"]


def test_a_table_without_rows_is_its_head() -> None:
    assert table(("path", "n"), [], indent="") == "path  n"
