"""The packages: what is imported is declared, and the pins are at or above the floors of trust 37."""

import re
import tomllib

import pytest
from django.conf import settings

DECLARED = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["dependencies"]
FLOORS = {
    "django": (5, 2, 19),
    "wagtail": (8, 0, 1),
    "django-allauth": (65, 22, 1),
    "pillow": (13,),
    "cryptography": (50,),
    "tzdata": (2026, 6),
    "babel": (2, 19),
    "pyyaml": (6, 0, 4),
}


def parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def floor_of(name: str) -> tuple[int, ...] | None:
    found = [line for line in DECLARED if re.match(rf"{name}(\[|>|$)", line)]
    return parts(found[0].split(">=")[1].split(",")[0]) if found and ">=" in found[0] else None


@pytest.mark.parametrize("name", FLOORS)
def test_the_floor_is_declared(name):
    assert floor_of(name) == FLOORS[name]


@pytest.mark.parametrize(
    "pins", ["requirements.txt", "requirements-bucket.txt", "requirements-queue.txt", "requirements-dev.txt"]
)
def test_no_pin_is_below_its_floor(pins):
    text = (settings.BASE_DIR / pins).read_text()
    pinned = {name: parts(version) for name, version in re.findall(r"(?m)^([\w-]+)==([\d.]+)", text)}
    assert [name for name, floor in FLOORS.items() if pinned[name] < floor] == []


def test_what_writes_spreadsheets_is_declared():
    assert floor_of("openpyxl") == (3, 1)


def test_the_pins_with_a_bucket_are_the_usual_ones_and_its_client():
    usual, more = (
        set(re.findall(r"(?m)^([\w-]+==[\d.]+)", (settings.BASE_DIR / name).read_text()))
        for name in ("requirements.txt", "requirements-bucket.txt")
    )
    assert usual < more
    assert {"django-storages", "boto3"} <= {pin.partition("==")[0] for pin in more - usual}
