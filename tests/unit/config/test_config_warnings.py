"""What is allowed in a configuration but unwise, as sentences."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mail_desk.config import Role, Settings
from mail_desk.config_files import init, load, warnings
from mail_desk.demo import office
from mail_desk.resources import shipped


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give the configuration of a pretend office."""
    return office.write(tmp_path / "office", office.Servers("127.0.0.1", 1, "127.0.0.1", 1))


def settings_of(directory: Path) -> Settings:
    loaded = load(directory)
    assert isinstance(loaded, Settings), loaded
    return loaded


def test_the_shipped_set_warns_of_its_examples_and_its_alarm_route(tmp_path: Path) -> None:
    init(tmp_path)
    shutil.copytree(shipped("config") / "procedures", tmp_path / "procedures", dirs_exist_ok=True)
    told = "\n".join(warnings(settings_of(tmp_path), date(2026, 5, 1)))
    assert "people.toml still holds example addresses (zhou, wang, li, zhao, chen)" in told
    assert "operator is still an example address" in told
    assert 'routes.alarms uses the same account as outward ("desk")' in told


def test_the_next_year_s_calendar_is_asked_for_from_october(directory: Path) -> None:
    settings = settings_of(directory).model_copy(update={"calendar": ()})
    assert not any("cn-2027" in w for w in warnings(settings, date(2026, 9, 30)))
    assert any(
        w.startswith("calendar/cn-2027.toml is missing") for w in warnings(settings, date(2026, 10, 1))
    )
    assert any(
        w.startswith("calendar/cn-2026.toml is missing") for w in warnings(settings, date(2026, 10, 1))
    )


def warned(edit_people: Callable[[str], str], directory: Path) -> str:
    path = directory / "people.toml"
    path.write_text(edit_people(path.read_text("utf-8")), "utf-8")
    return "\n".join(warnings(settings_of(directory), date(2026, 11, 23)))


def test_a_desk_without_leader_warns(directory: Path) -> None:
    settings = settings_of(directory)
    told = "\n".join(warnings(settings, date(2026, 11, 23)))
    assert "nobody has the role leader" not in told
    rest = tuple(p for p in settings.people.person if p.role is not Role.LEADER)
    people = settings.people.model_copy(update={"person": rest})
    told = "\n".join(warnings(settings.model_copy(update={"people": people}), date(2026, 11, 23)))
    assert "nobody has the role leader" in told


def test_a_leave_that_is_over_warns(directory: Path) -> None:
    leave = "leave = [{ first = 2026-01-02, last = 2026-01-03 }]"
    assert "every leave is over" not in warned(lambda t: t, directory)
    assert "every leave is over" in warned(lambda t: t.replace("leave = []", leave, 1), directory)


def test_a_budget_too_small_for_a_letter_to_everybody_warns(directory: Path) -> None:
    def budget(per_day: int) -> str:
        settings = settings_of(directory)
        small = settings.budget.model_copy(update={"per_day": per_day, "statutory_reserve": 0})
        return "\n".join(warnings(settings.model_copy(update={"budget": small}), date(2026, 5, 1)))

    persons = len(settings_of(directory).people.person)
    assert "budget.per_day" not in budget(persons * 10)
    told = budget(10)
    assert (
        f"budget.per_day = 10 keeps 1 letters a day for worklists and reminders alone, fewer than {persons}"
        in told
    )


def test_a_contact_of_two_enterprises_warns(directory: Path) -> None:
    first, second = settings_of(directory).enterprises[0], directory / "enterprises.csv"
    mark = (*first.contacts, *first.domains)[0]
    with second.open("a", encoding="utf-8") as file:
        file.write(f"beta,乙公司,,,,{mark}\n")
    told = warned(lambda t: t, directory)
    assert f"{mark} stands at {first.key} and at beta: the first one counts" in told
