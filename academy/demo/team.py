"""Demo team: five instructors, an editor, front desk and a manager. All share one password."""

from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model, password_validation
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from academy.demo.words import read
from academy.models import User
from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER

PASSWORD = "atelier-du-detroit"  # noqa: S105 - the demonstration's, printed on the screen; production refuses to furnish it
STAFF = {
    "editor@example.org": ("Hafsa Démonstration", EDITOR),
    "desk@example.org": ("Badr Démonstration", FRONT_DESK),
    "manager@example.org": ("Loubna Démonstration", MANAGER),
}
LOGINS = ("parent@example.org", "instructor@example.org", *STAFF)


def phone(number: int) -> str:
    """Return a visibly invented phone number: +212 6 00 00 0N NN."""
    return f"+2126{number:08d}"


@cache
def password_hash() -> str:
    """Return the password hash shared by all demo accounts. Cached, because hashing is slow."""
    password_validation.validate_password(PASSWORD)
    return make_password(PASSWORD)


def open_accounts(accounts: list[User]) -> None:
    """Save these accounts with the shared password and a verified address each."""
    for account in accounts:
        account.password, account.is_demo = password_hash(), True
        account.full_clean(exclude=["password"])
    get_user_model().objects.bulk_create(accounts)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=a, email=a.email, verified=True, primary=True) for a in accounts
    )


@transaction.atomic
def write_team(say) -> None:
    """Write the team members, each in the group of their role."""
    if User.objects.filter(email="manager@example.org").exists():
        return
    say("The team")
    roles = {}
    accounts = []
    for number, person in enumerate(read("pages")["instructors"], start=901):
        email = instructor_email(person["slug"])
        accounts.append(User(email=email, name=person["name"]["latin"], phone=phone(number), is_staff=True))
        roles[email] = INSTRUCTOR
    for number, (email, (name, role)) in enumerate(STAFF.items(), start=951):
        accounts.append(User(email=email, name=name, phone=phone(number), is_staff=True))
        roles[email] = role
    open_accounts(accounts)
    groups = {group.name: group for group in Group.objects.all()}
    for account in accounts:
        account.groups.add(groups[roles[account.email]])


def instructor_email(slug: str) -> str:
    """Return the instructor's address: the first has the demo account of the role, the others one of their
    own.
    """
    first = read("pages")["instructors"][0]["slug"]
    return "instructor@example.org" if slug == first else f"{slug.replace('-', '.')}@example.org"


def instructors() -> dict[str, User]:
    """Return the instructors' accounts by first name, as season.yaml writes it."""
    people = read("pages")["instructors"]
    emails = {person["slug"].split("-")[0]: instructor_email(person["slug"]) for person in people}
    accounts = {user.email: user for user in User.objects.filter(email__in=emails.values())}
    return {first: accounts[email] for first, email in emails.items() if email in accounts}
