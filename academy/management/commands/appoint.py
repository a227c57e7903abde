"""Give a user a role in the team."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from academy.models import User
from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER

ROLES = {"instructor": INSTRUCTOR, "editor": EDITOR, "desk": FRONT_DESK, "manager": MANAGER}


class Command(BaseCommand):
    help = "Give an account a role; an unknown address gets a new account, opened by a password reset."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("role", choices=sorted(ROLES))
        parser.add_argument("--name", default="", help="the person's name, for a new account")

    @transaction.atomic
    def handle(self, *, email, role, name="", **options):
        """Idempotent. Raises CommandError for an unknown address, or if the roles do not exist yet."""
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an e-mail address.") from None
        group = Group.objects.filter(name=ROLES[role]).first()
        if group is None:
            raise CommandError("The roles are not there yet: run manage.py furnish first.")
        user = User.objects.filter(email=email).first()
        is_new = user is None
        if is_new:
            user = User.objects.create_user(email, None, name=name or email.split("@")[0])
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
        if not user.is_staff:
            user.is_staff = True
            user.save(update_fields=["is_staff"])
        user.groups.add(group)
        self.stdout.write(f"{email}: {group.name}.")
        if is_new:
            self.stdout.write(
                "A new account, without a password: they choose one by “Forgot your password?” on the "
                "login page."
            )
