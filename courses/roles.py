"""CMS permissions of each group of the team. Call `grant` again whenever a language or a model is added."""

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

# What editors may edit: rows exist, their data stays (courses.admin.panels.FactPanel).
# Names of tracks, ages and venues are data: families choose and travel by them.
WORDED = ("skill", "course", "lesson")
READ = ("track", "ageband", "venue", "term", "closure", "room", "session", "meeting")
FACTS = (*WORDED, *READ[:-1])

EDITOR_PAGES = ("add_page", "change_page", "publish_page")
MANAGER_PAGES = (*EDITOR_PAGES, "lock_page", "unlock_page", "bulk_delete_page")
MEDIA = {
    "wagtailimages": ("add_image", "change_image", "choose_image"),
    "wagtaildocs": ("add_document", "change_document", "choose_document"),
}
REVIEW = "Relecture"


def _permissions(names: Iterable[str]) -> list[Permission]:
    """Return the permissions for "app.codename" strings. Raises KeyError naming a missing one."""
    wanted = {(app, codename) for app, _dot, codename in (name.partition(".") for name in names)}
    found = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.filter(
            codename__in={codename for _app, codename in wanted}
        ).select_related("content_type")
    }
    return [found[name] for name in sorted(wanted)]


def editor_words() -> set[str]:
    """Return an editor's permissions outside the pages: read course data, edit texts, translate."""
    words = {"wagtailadmin.access_admin", "simple_translation.submit_translation"}
    words |= {f"courses.view_{model}" for model in (*WORDED, *READ)}
    words |= {f"courses.change_{model}" for model in WORDED}
    words |= {f"courses.{act}_searchwords" for act in ("view", "add", "change", "delete")}
    return words


def manager_words() -> set[str]:
    """Return a manager's permissions: an editor's, all course data,
    the timetable and the academy's settings.
    """
    return (
        editor_words()
        | {f"courses.{act}_{model}" for act in ("add", "change", "delete") for model in FACTS}
        | {"courses.change_meeting", "home.change_academysettings"}
        | {f"wagtailredirects.{act}_redirect" for act in ("add", "change", "delete")}
    )


def _open_pages(group: Group, codenames: Iterable[str]) -> None:
    """Grant access to the pages of every language, from its home page down."""
    homes = list(Page.objects.filter(depth=2))
    permissions = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=codenames)
    GroupPagePermission.objects.filter(group=group).exclude(
        page__in=homes, permission__in=permissions
    ).delete()
    for page in homes:
        for permission in permissions:
            GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)


def _open_media(group: Group) -> None:
    """Grant access to pictures and documents, in every collection."""
    root = Collection.get_first_root_node()
    for app, codenames in MEDIA.items():
        for permission in Permission.objects.filter(content_type__app_label=app, codename__in=codenames):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=root, permission=permission
            )


def _review_by(group: Group) -> None:
    """Set the workflow of every page: an editor submits, this group approves.

    Reuses the one Wagtail creates.
    """
    root = Page.get_first_root_node()
    assigned = WorkflowPage.objects.filter(page=root).select_related("workflow").first()
    workflow = assigned.workflow if assigned else Workflow.objects.create(name=REVIEW)
    if not assigned:
        WorkflowPage.objects.create(page=root, workflow=workflow)
    step = WorkflowTask.objects.filter(workflow=workflow).order_by("sort_order").first()
    task = step.task.specific if step else GroupApprovalTask.objects.create(name=REVIEW)
    if not step:
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    for named in (workflow, task):
        if named.name != REVIEW:
            named.name = REVIEW
            named.save(update_fields=["name"])
    if isinstance(task, GroupApprovalTask):
        task.groups.set([group])


@transaction.atomic
def grant(*, instructors: str, editors: str, front_desk: str, managers: str) -> dict[str, Group]:
    """Give the four groups, by name, their CMS permissions; return the groups by name.

    Editors write pages, pictures and the texts of course data; managers also write course data and the
    timetable. Instructors and the front desk have no CMS access. Call it after the home pages exist: page
    permissions depend on them. Wagtail's own group ("Moderators") is deleted if empty.
    """
    groups = {
        name: Group.objects.get_or_create(name=name)[0]
        for name in (instructors, editors, front_desk, managers)
    }
    groups[editors].permissions.set(_permissions(editor_words()))
    groups[managers].permissions.set(_permissions(manager_words()))
    _open_pages(groups[editors], EDITOR_PAGES)
    _open_pages(groups[managers], MANAGER_PAGES)
    for name in (editors, managers):
        _open_media(groups[name])
    for name in (instructors, front_desk):
        group = groups[name]
        group.permissions.set(
            Permission.objects.filter(group=group).exclude(content_type__app_label__in=_cms_apps())
        )
        GroupPagePermission.objects.filter(group=group).delete()
        GroupCollectionPermission.objects.filter(group=group).delete()
    _review_by(groups[managers])
    Group.objects.filter(name="Moderators", user__isnull=True).delete()
    return groups


def _cms_apps() -> list[str]:
    """Return the app labels that belong to the CMS."""
    return [
        "home",
        "courses",
        *(config.label for config in apps.get_app_configs() if config.name.startswith("wagtail")),
    ]
