"""Invented families: about 150 guardians and 190 children from 6 to 15, including separated parents with an
account each.
"""

from datetime import date, time, timedelta
from random import Random

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from academy.demo.team import open_accounts, phone
from academy.demo.words import read
from academy.models import User
from courses.ages import birthday_in
from courses.models.timetable import instant
from enrollments.families import consents, guardians
from enrollments.families.children import add_child, confirm_children
from enrollments.models import Child, Guardianship

# Age today → how many children of that age.
AGES = {6: 6, 7: 26, 8: 25, 9: 23, 10: 22, 11: 22, 12: 23, 13: 20, 14: 14, 15: 7}
TOGETHER, SEPARATED, INFORMED, ALONE = (
    24,
    16,
    6,
    69,
)  # households; this many of the separated ones have an informed second parent
PARENT = "parent@example.org"


def born(age: int, days: int, today: date) -> date:
    """Return the birth date of somebody who turned this age that many days ago."""
    birthday = today - timedelta(days=days)
    return birthday_in(birthday, birthday.year - age)


@transaction.atomic
def write_families(today: date, say) -> None:
    """Write the accounts first, then their children through enrollments.families.children."""
    if User.objects.filter(email=PARENT).exists():
        return
    say("Families")
    dice = Random("families")  # noqa: S311 - the same families every time
    _known_family(today)
    households = _households(dice)
    guardians = [guardian for household in households for guardian, _relation in household["guardians"]]
    open_accounts(guardians)
    for guardian in guardians:
        consents.accept_compulsory(guardian, language=guardian.language, at=timezone.now())
    ages = [age for age, count in AGES.items() for _child in range(count)]
    dice.shuffle(ages)
    for number, age in enumerate(ages):
        household = (
            households[number % len(households)] if number < len(households) else dice.choice(households)
        )
        _child(household, born(age, dice.randint(4, 355), today), dice)
    for guardian in (
        get_user_model()
        .objects.filter(is_demo=True, guardianships__rights=Guardianship.Rights.FULL)
        .distinct()
    ):
        confirm_children(by=guardian, at=instant(today, time(9)))


def _known_family(today: date) -> None:
    """Write the demo parent whose account is shown: Salma is 8, Adam is 11."""
    parent = User(email=PARENT, name="Samira Tanjaoui", phone=phone(1))
    open_accounts([parent])
    consents.accept_compulsory(parent, language="fr", at=timezone.now())
    for name, age, days in (("Salma", 8, 40), ("Adam", 11, 100)):
        add_child(
            first_name=name,
            last_name="Tanjaoui",
            birth_date=born(age, days, today),
            by=parent,
            relation="mother",
            is_demo=True,
        )


def _households(dice: Random) -> list[dict]:
    """Return the guardians (unsaved) by household, with their relationship and the spellings of the family
    name.
    """
    words, households, number = read("pages")["people"], [], 1
    kinds = ["together"] * TOGETHER + ["separated"] * SEPARATED + ["alone"] * ALONE
    for kind in kinds:
        language = dice.choices(["fr", "ar", "en"], weights=[60, 32, 8])[0]
        script = "ar" if language == "ar" and dice.random() < 0.6 else "latin"
        family = dice.choice(words["family"])
        relations = [dice.choice(["mother", "father"])] if kind == "alone" else ["mother", "father"]
        if kind == "alone" and len(households) % 23 == 0:
            relations = ["guardian"]
        guardians = []
        for relation in relations:
            number += 1
            first = dice.choice(words["male" if relation == "father" else "female"])
            # In Morocco, a married woman keeps her own family name.
            last = family if relation != "mother" else dice.choice(words["family"])
            email = f"{slugify(first['latin'])}.{slugify(last['latin'])}.{number}@example.com"
            account = User(
                email=email, name=f"{first[script]} {last[script]}", language=language, phone=phone(number)
            )
            guardians.append((account, relation))
        households.append(
            {"kind": kind, "guardians": guardians, "family": family[script], "script": script, "names": set()}
        )
    return households


def _child(household: dict, birth_date: date, dice: Random) -> Child:
    """Add a child to a household. The second guardian is added with the rights the household gives."""
    names = read("pages")["people"]
    while (first := dice.choice(names[dice.choice(["female", "male"])])[household["script"]]) in household[
        "names"
    ]:
        continue
    household["names"].add(first)
    (first_guardian, relation), *others = household["guardians"]
    child = add_child(
        first_name=first,
        last_name=household["family"],
        birth_date=birth_date,
        by=first_guardian,
        relation=relation,
        is_demo=True,
    )
    informed = (
        household["kind"] == "separated" and int(first_guardian.phone.national_number) % SEPARATED < INFORMED
    )
    for guardian, other in others:
        rights = Guardianship.Rights.INFORMED if informed else Guardianship.Rights.FULL
        guardians.add_guardian(child=child, guardian=guardian, relation=other, rights=rights)
    return child
