"""Files of an administrator: patterns, prices and measurements; mistakes name file and line."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from jupyterhub import metrics, orm
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from z2jh_hub.config.errors import ConfigError
from z2jh_hub.cost import CostError, measured, patterns, price_lists
from z2jh_hub.cost.price_lists import GIB, PROVIDERS
from z2jh_hub.spawner import usage


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("file.csv")


def test_pattern_of_a_file(file: Path) -> None:
    file.write_text("\ufeffDay,Hour,Users\r\nmonday,9,40\r\n\r\n7, 23 ,2.5\r\n", "utf-8")
    pattern = patterns.read(str(file))
    assert (pattern.hours[9], pattern.hours[167], sum(pattern.hours)) == (40, 2.5, 42.5)
    assert pattern.total(None) == 40
    assert pattern.active(500) == list(pattern.hours)


def test_shares_of_a_file_scale_with_the_users(file: Path) -> None:
    file.write_text("day,hour,share\nTue,0,0.5\n")
    pattern = patterns.read(str(file))
    assert pattern.active(50)[24] == 25
    assert pattern.total(None) == patterns.DEFAULT_USERS


def test_fewer_users_than_in_the_pattern_are_refused(file: Path) -> None:
    file.write_text("day,hour,users\nMon,9,40.5\n")
    with pytest.raises(CostError, match="41 users at the same time, and --users is 40"):
        patterns.read(str(file)).total(40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file.csv has no rows"),
        ("day,hour,users\n", "file.csv has no rows"),
        ("day;hour;users\n", r"file.csv:1: expected: day,hour,users .*separate .* with commas"),
        ("Mon,9,3\n", "file.csv:1: expected: day,hour,users"),
        ("day,hour,users\nMon,9\n", "file.csv:2: 2 columns"),
        ("day,hour,users\n\nMon,9,1\nMoon,9,1\n", "file.csv:4: 'Moon' is not a day"),
        ("day,hour,users\n0,9,1\n", "file.csv:2: '0' is not a day"),
        ("day,hour,users\nMon,24,1\n", "file.csv:2: '24' is not an hour; expected: 0 to 23"),
        ("day,hour,users\nMon,-1,1\n", "file.csv:2: '-1' is not an hour"),
        ("day,hour,users\nMon,²,1\n", "file.csv:2: '²' is not an hour"),
        ("day,hour,users\nMon,9,many\n", "file.csv:2: 'many' is not a number of users"),
        ("day,hour,users\nMon,9,nan\n", "file.csv:2: 'nan' is not a number of users"),
        ("day,hour,users\nMon,9,-1\n", "file.csv:2: '-1' is not a number of users"),
        ("day,hour,users\nMon,9,1e9\n", "file.csv:2: '1e9' is not a number of users"),
        ("day,hour,share\nMon,9,1.5\n", "file.csv:2: '1.5' is not a share of all users"),
        ("day,hour,users\nMon,9,1\n1,9,2\n", "file.csv:3: Monday, 9 o'clock occurs twice"),
        ('day,hour,users\n"Mon\n', "file.csv:2"),
        ("day,hour,users\n" + "x" * 200_000 + "\n", "file.csv:2: invalid CSV"),
    ],
)
def test_wrong_pattern_is_reported_with_its_line(file: Path, text: str, message: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(CostError, match=message):
        patterns.read(str(file))


def test_file_that_cannot_be_a_pattern_is_reported(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CostError, match="expected: class, research, always, or a CSV file"):
        patterns.read("klass")
    with pytest.raises(CostError, match="cannot be read"):
        patterns.read(str(tmp_path))
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CostError, match="not UTF-8"):
        patterns.read(str(file))
    file.write_bytes(b"," * (patterns.MOST_BYTES + 1))
    with pytest.raises(CostError, match="more than 1000000 bytes"):
        patterns.read(str(file))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_prices_of_a_provider_have_a_date_a_source_and_an_uncertainty(provider: str) -> None:
    prices = price_lists.of_provider(provider)
    assert datetime.fromisoformat(prices.date)
    assert "from memory" in prices.source
    assert "not quotes" in price_lists.text_of(provider)
    assert 0 < prices.uncertainty < 1
    for node in prices.nodes:
        assert node.spot is not None
        assert 0 < node.spot < node.hour
        assert node.room["memory"] > GIB
    user = prices.node(prices.user)
    # 4 CPUs and 16 GiB, less what the system reserves
    assert 3 < user.room["cpu"] < 4
    assert 10 * GIB < user.room["memory"] < 16 * GIB


def test_reservation_is_computed_by_bands() -> None:
    # of 16 GiB: 25 % of 4, 20 % of 4, 10 % of 8
    assert price_lists.reserved(16, price_lists._MEMORY_BANDS) == pytest.approx(2.6)
    assert price_lists.reserved(4, price_lists._CPU_BANDS) == pytest.approx(0.08)


def changed(**changes: object) -> str:
    return yaml.safe_dump(yaml.safe_load(price_lists.text_of("gcp")) | changes, sort_keys=False)


NODE = {"name": "n", "cpu": 4, "memory": "16Gi", "hour": 0.1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("- a\n", "the file contains a list"),
        ("a: [\n", r"prices.yaml:\d"),
        ("a: &a [*a]\n", "prices.yaml"),
        ("{}\n", "the key provider is missing"),
        (changed(nodes=[]), r"nodes \(prices.yaml:9\): invalid value"),
        (changed(nodes=[NODE | {"hour": -1}]), r"nodes.0.hour \(prices.yaml:\d+\)"),
        (changed(nodes=[NODE | {"memory": "lots"}]), r"(?s)nodes.0.memory.*given: +lots.*16Gi"),
        (changed(nodes=[NODE | {"memory": True}]), r"nodes.0.memory"),
        (changed(nodes=[NODE | {"cpu": 0}]), r"nodes.0.cpu"),
        (changed(nodes=[NODE | {"prize": 1}]), r"unknown key: 'prize'"),
        (changed(uncertainty=2), r"uncertainty"),
        (changed(control_plane=float("nan")), r"control_plane .*invalid value"),
        (changed(nodes=[NODE | {"cpu": float("inf")}]), r"nodes.0.cpu"),
        (changed(user="e2-standard-5"), r"(?s)user .*no node type has this name.*did you mean"),
        (changed() + "user: e2-standard-4\n", "duplicate"),
    ],
)
def test_wrong_prices_are_reported_with_their_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        price_lists.read_text(text, "prices.yaml")


def test_unreadable_prices_are_reported(tmp_path: Path) -> None:
    with pytest.raises(CostError, match="cannot be read: No such file"):
        price_lists.of_file(tmp_path / "none.yaml")
    with pytest.raises(CostError, match="cannot be read"):
        price_lists.of_file(tmp_path)
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    with pytest.raises(CostError, match="not UTF-8"):
        price_lists.of_file(tmp_path / "binary")


def test_unknown_node_type_is_reported_with_a_suggestion() -> None:
    with pytest.raises(CostError, match=r"did you mean e2-standard-4\?"):
        price_lists.of_provider("gcp").node("e2-standrd-4")


def database(file: Path, sessions: list[tuple[str, str]], users: int = 7) -> Path:
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE users (id INTEGER)")
        db.executemany("INSERT INTO users VALUES (?)", [(at,) for at in range(users)])
        db.execute("CREATE TABLE z2jh_sessions (started DATETIME, seen DATETIME)")
        db.executemany("INSERT INTO z2jh_sessions VALUES (?, ?)", sessions)
    db.close()
    return file


def test_pattern_of_a_database_is_the_average_of_its_weeks(file: Path) -> None:
    # Monday, 10 to 12 o'clock, twice in the first week and once two weeks later
    first, second = ("2026-11-02 10:00:00", "2026-11-02 11:59:59"), (
        "2026-11-16 10:00:00", "2026-11-16 10:59:59.000001")  # fmt: skip
    pattern = measured.read(database(file, [first, first, second]))
    assert pattern.hours[10] == pytest.approx(3 / 2, rel=0.01)
    assert pattern.hours[11] == pytest.approx(2 / 2, rel=0.01)
    assert sum(pattern.hours) == pytest.approx(5 / 2, rel=0.01)
    assert (pattern.measured, pattern.total(None)) == (True, 7)


def test_database_of_a_hub_has_the_sessions_that_quotas_record(file: Path) -> None:
    engine = create_engine(f"sqlite:///{file}")
    orm.Base.metadata.create_all(engine)
    start = datetime(2026, 11, 2, 10)  # a Monday
    with Session(engine) as db:
        db.add(orm.User(name="ada"))
        for minutes in (5, 30, 59):
            usage.record(db, 1, "", start, start + timedelta(minutes=minutes))
    engine.dispose()
    pattern = measured.read(file)
    assert (pattern.hours[10], sum(pattern.hours), pattern.users) == (1, 1, 1)


def test_metric_of_running_servers_exists() -> None:
    assert metrics.RUNNING_SERVERS._name == measured.METRIC


@pytest.mark.parametrize(
    ("sessions", "message"),
    [
        ([], "is empty"),
        ([("yesterday", "today")], "rows without times"),
        ([("2020-01-01", "2026-01-01")], "less than 60 days"),
        ([(None, None)], "rows without times"),
    ],
)
def test_database_without_usable_sessions_is_reported(file: Path, sessions, message: str) -> None:
    with pytest.raises(CostError, match=message):
        measured.read(database(file, sessions))


def test_database_without_quotas_names_the_alternative(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE users (id INTEGER)")
    db.close()
    with pytest.raises(CostError, match=r"only if hub.quotas limits hoursPerWeek; .*query_range"):
        measured.read(file)
    file.write_bytes(measured.SQLITE + b"damaged" * 100)
    with pytest.raises(CostError, match="has no record of servers"):
        measured.read(file)


def test_pattern_of_prometheus_adds_series_and_averages_weeks(file: Path) -> None:
    start = datetime(2026, 11, 2, 10, tzinfo=UTC)  # a Monday
    week = timedelta(weeks=1)
    values = [[start.timestamp(), "4"], [(start + week).timestamp(), "8"]]
    result = [{"values": values}, {"values": [[start.timestamp(), "2"]]}]
    file.write_text(json.dumps({"data": {"result": result}}))
    pattern = measured.read(file)
    assert pattern.hours[10] == 7
    assert sum(pattern.hours) == 7


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", '{"data": {"result": []}}',
        '{"data": {"result": [{"value": [1, "2"]}]}}',
        '{"data": {"result": [{"values": [[1, "NaN"]]}]}}', "[" * 100_000,
        '{"data": {"result": [{"values": [[1e300, "2"]]}]}}',
    ],
)  # fmt: skip
def test_answer_without_samples_is_reported(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(CostError, match="expected: an SQLite database, or the answer"):
        measured.read(file)
