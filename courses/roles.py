"""What each group of the team may do in the CMS.

`grant` may be called again whenever a language or a model is added.
"""

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

# What editors word: the rows exist, their facts stay (courses.admin.panels.FactPanel).
WORDED = ("track", "ageband", "skill", "course", "lesson", "venue")
READ = ("term", "closure", "room", "session", "meeting")
FACTS = (*WORDED, *READ[:-1])

EDITOR_PAGES = ("add_page", "change_page", "publish_page")
MANAGER_PAGES = (*EDITOR_PAGES, "lock_page", "unlock_page", "bulk_delete_page")
MEDIA = {
    "wagtailimages": ("add_image", "change_image", "choose_image"),
    "wagtaildocs": ("add_document", "change_document", "choose_document"),
}
REVIEW = "Relecture"


def _permissions(names) -> list[Permission]:
    """The permissions behind "app.codename" words; all of them, or a KeyError that says which is missing."""
    wanted = {tuple(name.split(".")) for name in names}
    found = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.filter(
            codename__in={codename for _app, codename in wanted}
        ).select_related("content_type")
    }
    return [found[name] for name in sorted(wanted)]


def editor_words() -> set[str]:
    """What an editor may do outside the pages: read facts, edit words, translate."""
    words = {"wagtailadmin.access_admin", "simple_translation.submit_translation"}
    words |= {f"courses.view_{model}" for model in (*WORDED, *READ)}
    words |= {f"courses.change_{model}" for model in WORDED}
    return words


def manager_words() -> set[str]:
    """An editor's, and every fact, the timetable, and what the academy says of itself."""
    return (
        editor_words()
        | {f"courses.{act}_{model}" for act in ("add", "change", "delete") for model in FACTS}
        | {"courses.change_meeting", "home.change_academysettings"}
        | {f"wagtailredirects.{act}_redirect" for act in ("add", "change", "delete")}
    )


def _open_pages(group: Group, codenames) -> None:
    """The pages of every language, from its home page down."""
    homes = list(Page.objects.filter(depth=2))
    permissions = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=codenames)
    GroupPagePermission.objects.filter(group=group).exclude(
        page__in=homes, permission__in=permissions
    ).delete()
    for page in homes:
        for permission in permissions:
            GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)


def _open_media(group: Group) -> None:
    """Pictures and documents, in every collection."""
    root = Collection.get_first_root_node()
    for app, codenames in MEDIA.items():
        for permission in Permission.objects.filter(content_type__app_label=app, codename__in=codenames):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=root, permission=permission
            )


def _review_by(group: Group) -> None:
    """The workflow of every page: an editor submits, this group approves.

    Takes over the one Wagtail seeds.
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
    """Give the four groups, by their names, what they may do in the CMS; returns the groups by name.

    Editors write pages, pictures and the words of facts; managers all of that, the facts and the timetable;
    instructors and the front desk have no business in the CMS. Called after the home pages are there: rights
    on pages hang on them. The group that Wagtail seeds ("Moderators") goes when nobody is in it.
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
    """The labels of what belongs to the CMS."""
    return [
        "home",
        "courses",
        *(config.label for config in apps.get_app_configs() if config.name.startswith("wagtail")),
    ]
