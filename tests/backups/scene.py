"""What happens on a site of its own: `python -m tests.backups.scene ACT` does it and tells of it as JSON."""

import hashlib
import json
import sys
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage, storages  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone, translation  # noqa: E402

from academy.backups import keys, saving, stored_files  # noqa: E402
from enrollments.families import safety_notes  # noqa: E402
from enrollments.letters import delivery, outbox  # noqa: E402
from enrollments.models import Child, Enrollment, Letter, Project, ProjectFile, SafetyNote  # noqa: E402
from enrollments.places import admission, audit, waiting_list, withdrawal  # noqa: E402
from enrollments.portfolio import projects  # noqa: E402
from enrollments.privacy import erased_file  # noqa: E402
from home.models import AcademySettings  # noqa: E402
from tests.factories import PASSWORD, ChildFactory, SessionFactory, UserFactory  # noqa: E402
from tests.works import made_by, photographed, sent  # noqa: E402

User = get_user_model()
ACTS: dict[str, Callable[..., object]] = {}


def act(function):
    ACTS[function.__name__] = function
    return function


def entered(user) -> Client:
    client = Client()
    client.force_login(user, backend="academy.signed_in.ModelBackend")
    return client


@act
def make() -> object:
    """A family with a safety note, a project with a picture and a program, a public file, an email that
    waits.
    """
    academy = AcademySettings.ours()
    academy.cndp_number = "D-GC-1/2026"
    academy.save()
    parent = UserFactory(email="parent@example.org", name="Salwa Amrani")
    child = ChildFactory(guardian=parent, first_name="Yassmina", last_name="Zerhouniya")
    safety_notes.write_note(child, parts={"may_happen": "zerhounite"}, by=parent, at=timezone.now())
    words = {"title": "Robot suiveur", "story": "", "link": "", "made_on": str(timezone.localdate())}
    files = {"picture": photographed(), "files": [sent("robot.py", b"# zercontenu")]}
    answer = entered(parent).post(reverse("project_add", args=[child.pk]), words | files)
    project = Project.objects.get()
    assert answer.url == reverse("project", args=[project.pk]), answer
    default_storage.save("images/affiche.txt", ContentFile(b"zeraffiche"))
    outbox.write("guardian_added", to=parent, at=timezone.now(), child=child, name="Karim")
    return {"child": child.pk, "project": project.pk, "letters": Letter.objects.count()}


def _backed_up_while(happens: Callable[[str], None]) -> saving.Backup:
    """Write a backup; `happens` is called once, before the first private file is opened."""
    opened, seen = stored_files.opened, []

    def later(place, name):
        if place is storages["private"] and not seen:
            seen.append(name)
            happens(name)
        return opened(place, name)

    stored_files.opened = later
    return saving.save(saving.folder(), keys.recipients(), at=timezone.now())


@act
def vanish() -> object:
    """A family deletes a file while a backup is being written."""
    done = _backed_up_while(storages["private"].delete)
    return {"gone": sum(done.manifest["gone"].values()), "whole": done.path.exists()}


@act
def grow() -> object:
    """A file grows while a backup reads it."""
    opened = stored_files.opened

    def longer(place, name):
        file, size = opened(place, name)
        return file, size - 1

    stored_files.opened = longer
    try:
        saving.save(saving.folder(), keys.recipients(), at=timezone.now() + timedelta(seconds=2))
    except keys.BackupFailed as refusal:
        return {"said": str(refusal)}
    return {"said": ""}


def first():
    return User.objects.get(email="parent@example.org")


@act
def make_more() -> object:
    """A second family, that will be erased; both children have a place."""
    parent = UserFactory(email="partie@example.org", name="Zineb Zerpartie")
    child = ChildFactory(guardian=parent, first_name="Zerpetite", last_name="Zerpartie")
    made_by(child, parent, photographed(), title="Zerprojet")
    session, at = SessionFactory(), timezone.now()
    for who, by in ((Child.objects.get(first_name="Yassmina"), first()), (child, parent)):
        admission.enroll(child=who, session=session, by=by, at=at)
    return {}


@act
def erase() -> object:
    """After the backup: the second family gives up its place and erases its account, the first deletes a file
    of its project, and the emails are sent.
    """
    parent = User.objects.get(email="partie@example.org")
    client = entered(parent)
    for place in Enrollment.objects.live().filter(child__first_name="Zerpetite"):
        withdrawal.withdraw(place, by=parent, at=timezone.now())
    waiting_list.settle_due(timezone.now() + timedelta(days=2))
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    client.post(reverse("account_erase"))
    assert not User.objects.filter(email="partie@example.org").exists()
    projects.erase_file(ProjectFile.objects.get(name="robot.py"), by=first(), at=timezone.now())
    delivery.send_due(timezone.now())
    return {"sent": Letter.objects.filter(state="sent").count(), "listed": erased_file.write_out()}


@act
def look() -> object:
    """Tell what can be seen of both families, in rows, on pages and in files."""
    child = Child.objects.get(first_name="Yassmina")
    picture = ProjectFile.objects.get(project__child=child, kind="picture")
    served = entered(first()).get(reverse("project_picture", args=[picture.project_id, picture.pk]))
    return {
        "note": safety_notes.open_note(SafetyNote.objects.get(child=child))["may_happen"],
        "served": hashlib.sha256(b"".join(served.streaming_content)).hexdigest(),
        "status": served.status_code,
        "parties": User.objects.filter(email="partie@example.org").count(),
        "children": Child.objects.filter(last_name="Zerpartie").count(),
        "projects": list(Project.objects.order_by("pk").values_list("title", flat=True)),
        "files": list(ProjectFile.objects.order_by("pk").values_list("name", flat=True)),
        "letters": sorted(Letter.objects.values_list("kind", "state")),
        "faults": list(map(str, audit.check(timezone.now()))),
    }


@act
def come_from_tomorrow() -> object:
    """Be a site whose software has one migration more."""
    MigrationRecorder(connection).record_applied("enrollments", "9999_from_tomorrow")
    return {}


if __name__ == "__main__":
    with translation.override("fr"):
        told = ACTS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(told))
