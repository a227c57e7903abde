"""Publish what the reviewer read when a workflow ends.

Wagtail imports this module while its models load (WAGTAIL_FINISH_WORKFLOW_ACTION), so it imports none.
"""

from contextvars import ContextVar
from typing import Any

# The request comes from the page's own form, which shows the newest draft (home.cms.doors sets it).
in_the_form: ContextVar[bool] = ContextVar("approved in the page's form", default=False)


def publish_what_was_read(workflow_state: Any, user: Any = None) -> None:
    """Publish the revision that was submitted; from the page's form, the draft that the form shows.

    A later draft stays a draft. Raises home.cms.publishing.NotPublishable, and the approval is not recorded.
    """
    if in_the_form.get():
        revision = workflow_state.content_object.get_latest_revision()
    else:
        revision = workflow_state.current_task_state.revision
    revision.publish(user=user)
