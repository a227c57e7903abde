"""What the sample of the message about a 3D print names; nothing of it is saved."""

from types import SimpleNamespace
from typing import Any

from enrollments.models import Printer, PrintJob, Project, ProjectFile


def printed(scene: SimpleNamespace) -> dict[str, Any]:
    """Return one print that is ready, in the room of the invented session."""
    file = ProjectFile(project=Project(pk=1, child=scene.child, title="…"))
    return {"prints": [PrintJob(file=file, printer=Printer(room=scene.session.room))]}
