"""What the samples of the messages about 3D prints name; nothing of it is saved."""

from types import SimpleNamespace
from typing import Any

from enrollments.models import Printer, PrintJob, Project, ProjectFile


def printed(scene: SimpleNamespace) -> dict[str, Any]:
    """Return one print that is ready, in the room of the invented session."""
    file = ProjectFile(project=Project(pk=1, child=scene.child, title="…"))
    return {"prints": [PrintJob(file=file, printer=Printer(room=scene.session.room))]}


def refused(scene: SimpleNamespace) -> dict[str, Any]:
    """Return the same print as one that is refused."""
    words = printed(scene)
    words["prints"][0].reason = PrintJob.Why.BROKEN
    return words
