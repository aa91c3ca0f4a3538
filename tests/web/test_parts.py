"""The small parts of the server: sums, how figures are written, memory of figures, faults, listening."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from infragod.cli.main import main
from infragod.errors import SetupError, StoreError
from infragod.focus import Period
from infragod.lake.lake import Lake
from infragod.settings import Settings
from infragod.web import figures, server, spend
from infragod.web import format as formats
from infragod.web.app import create
from infragod.web.pages import showback

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "month": st.sampled_from(["2025-08", "2025-09", "2025-10"]),
            "x_team": st.one_of(st.none(), st.sampled_from([f"team {n:02d}" for n in range(14)])),
            "cost": st.decimals("-1000", "1000", places=12),
        }
    ),
    max_size=60,
)


@given(ROWS)
def test_a_chart_neither_loses_nor_invents_money(rows: list[spend.Row]) -> None:
    made = spend.trend(rows, "x_team")
    total = sum((row["cost"] for row in rows), Decimal(0))
    assert sum((line[2] for line in made.rows), Decimal(0)) == total
    assert all(sum((v for v in values if v is not None), Decimal(0)) == line for _, values, line in made.rows)
    assert len(made.series) <= spend.TOP + 2
    assert len({series.colour for series in made.series}) == len(made.series)


@given(ROWS)
def test_the_lines_of_a_month_sum_to_the_month(rows: list[spend.Row]) -> None:
    lines = spend.lines(rows, "x_team", Period(2025, 10))
    assert sum((line.cost for line in lines), Decimal(0)) == sum(
        (row["cost"] for row in rows if row["month"] == "2025-10"), Decimal(0)
    )


def test_many_names_become_the_dearest_and_the_rest() -> None:
    rows = [{"month": "2025-10", "x_team": f"t{n}", "cost": Decimal(n)} for n in range(1, 12)]
    made = spend.trend(rows, "x_team")
    assert [series.name for series in made.series] == ["t11", "t10", "t9", "t8", "t7", "t6", "t5", "Other"]
    assert made.rows[0][1][-1] == Decimal(1 + 2 + 3 + 4)
    assert len(spend.trend(rows[:8], "x_team").series) == 8  # one name alone is not hidden behind "Other"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.amount(None, "USD"), "–"),  # noqa: RUF001
        (formats.amount("1204.1", "EUR", plus=True), "+€1,204.10"),
        (formats.price(None, "USD"), "–"),  # noqa: RUF001
        (formats.price("0.0000002", "USD"), "$0.0000002"),
        (formats.number(None), "–"),  # noqa: RUF001
        (formats.number(Decimal("730.000")), "730"),
        (formats.number("1234.50"), "1,234.5"),
        (formats.number(1000), "1,000"),
        (formats.figure(None), ""),
        (formats.figure(Decimal("1E+3")), "1000.00"),
        (formats.share(Decimal(1), Decimal(0)), "–"),  # noqa: RUF001
        (formats.change(Decimal(1), None), "–"),  # noqa: RUF001
        (formats.change(Decimal(1), Decimal(2)), "\N{MINUS SIGN}50.0 %"),
        (formats.moment(None), "–"),  # noqa: RUF001
        (formats.moment("2026-11-22T16:05:00+02:00"), "22 Nov 2026, 14:05 UTC"),
        (formats.moment(datetime(2026, 1, 2, 3, 4)), "2 Jan 2026, 03:04 UTC"),  # noqa: DTZ001
        (formats.clock(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)), "2 Jan 2026, 03:04"),
        (formats.month("2026-01"), "January 2026"),
        (formats.verdict("deny"), "Denied"),
        (formats.verdict("other"), "other"),
    ],
)
def test_figures_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected


def test_pages_of_a_table_follow_each_other() -> None:
    lines = list(range(showback.PAGE + 1))
    assert showback._page(lines, 1) == (lines[: showback.PAGE], True)
    assert showback._page(lines, 2) == ([showback.PAGE], False)


def test_a_figure_is_asked_of_the_lake_once(company: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    known = figures.Figures(Lake(company.lake))
    first = known.by_service(Period(2025, 10), "effective")
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "engine", None)
        assert known.by_service(Period(2025, 10), "effective") is first
    monkeypatch.setattr(figures, "KEPT", 1)
    known.rows("spend")
    assert known.by_service(Period(2025, 10), "effective") is not first
    monkeypatch.setattr(figures, "KEPT_ROWS", 0)
    assert known.rows("spend") is not known.rows("spend")


def test_a_lake_that_can_t_be_read_is_said_without_its_inner_life(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("the disk /secret/path is full")

    monkeypatch.setattr("infragod.web.figures.Figures.months", broken)
    with caplog.at_level(logging.ERROR):
        response = client.get("/")
    assert response.status_code == 503
    assert "Not available now" in response.text
    assert "secret" not in response.text
    assert "/secret/path" in caplog.text


def test_a_port_in_use_is_one_sentence(company: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = replace(company, port=taken.getsockname()[1])
        with pytest.raises(SetupError, match="choose another by --port"):
            server.listen(busy)


def test_a_port_that_is_none_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "70000"]) == 2
    assert "70000 is no port" in capsys.readouterr().err


def test_serve_says_where_it_listens_and_logs_in_utc(
    company: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server itself runs in the browser's tests; here, what stands around it."""
    with _loggers_kept():
        monkeypatch.setattr("uvicorn.Server.run", lambda _, sockets: logging.getLogger("infragod.access").info("hello"))
        server.serve(company)
        said = capsys.readouterr().err
    assert re.search(r"InfraGod serves http://127\.0\.0\.1:\d{2,5} \(Ctrl\+C ends it\)\n", said)
    assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO hello\n", said)


@contextlib.contextmanager
def _loggers_kept() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("infragod", "uvicorn.error")]
    before = [(logger.handlers, logger.propagate, logger.level) for logger in loggers]
    yield
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_the_first_page_is_made_before_it_is_asked_for(company: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    known = figures.Figures(Lake(company.lake))
    known.warm("USD", date(2025, 11, 3))
    monkeypatch.setattr(Lake, "engine", None)
    assert known.by_service(Period(2025, 10), "effective")
    assert set(known.forecast(Period(2025, 10), date(2025, 11, 3), "effective", "USD")) >= {"checkout", "search"}


def test_a_lake_that_fails_at_the_start_does_not_end_the_server(
    company: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("the lake is gone")

    with monkeypatch.context() as patch:
        patch.setattr(figures.Figures, "warm", broken)
        with TestClient(create(company), base_url="http://127.0.0.1") as client:
            assert client.get("/healthz").status_code == 200
    assert "will be tried again" in caplog.text
