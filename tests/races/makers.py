"""Children with projects and pictures, for the races about them: pieces as the readers give them, and a
family's yes to one purpose.
"""

import hashlib
from datetime import timedelta

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone

from enrollments.families import consents
from enrollments.models import ProjectFile
from enrollments.portfolio import projects
from enrollments.portfolio.contents import storage
from enrollments.portfolio.pieces import ProjectPiece
from home.language.table import LANGUAGES
from tests.factories import ChildFactory, UserFactory

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def piece(words: str, *, kind="python", extension=".py", **facts) -> ProjectPiece:
    """Return a file with these words in it, read and ready to be stored."""
    small = ContentFile(b"small") if kind == ProjectFile.PICTURE else None
    digest = hashlib.sha256(words.encode()).hexdigest()
    return ProjectPiece(kind, facts, f"x{extension}", digest, ContentFile(words.encode()), small)


def picture(words: str) -> ProjectPiece:
    return piece(words, kind=ProjectFile.PICTURE, extension=".jpg")


def family(**facts):
    """Return a child and its guardian."""
    guardian = UserFactory()
    return ChildFactory(guardian=guardian, **facts), guardian


def with_role(*roles):
    """Return a member of the team with these roles, without their rights in the CMS."""
    user = UserFactory()
    user.groups.set(Group.objects.get_or_create(name=role)[0] for role in roles)
    return user


def project_of(child, by, *words_of_files, title="Robot", pieces=(), at=None):
    at = at or timezone.now()
    files = [*pieces, *map(piece, words_of_files)]
    return projects.add(child, title=title, made_on=timezone.localdate(at), pieces=files, by=by, at=at)


def purpose(code: str):
    """Return the version in force of a purpose that families answer for each child."""
    policy = consents.lay_policy(code, is_compulsory=False, per_child=True, position=1)
    texts = {language: {"title": "x", "body": "x"} for language in LANGUAGES}
    return consents.publish(consents.draft(policy, texts), by=None, at=timezone.now() - DAY)


def say(version, child, guardian, yes, *, at=None):
    return consents.answer(
        version, guardian=guardian, yes=yes, language="fr", at=at or timezone.now(), child=child
    )


def kept(folder: str) -> set[str]:
    """Return the names of what is on the storage in this folder."""
    try:
        return {f"{folder}/{name}" for name in storage().listdir(folder)[1]}
    except FileNotFoundError:
        return set()


def empty(folder: str) -> None:
    """Delete what earlier tests left on the storage in this folder."""
    for name in kept(folder):
        storage().delete(name)
