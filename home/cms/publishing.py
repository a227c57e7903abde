"""Judge a page before it is published, through every door.

Wagtail asks for required fields and blocks in the page's own form only. Its bulk action, the end of a
workflow, the plan and the API publish a revision without that form. All of them execute
PublishPageRevisionAction, which asks here first; copies and aliases are judged when they are stored live for
the first time (home.cms.pages). A hook of Wagtail's (`before_publish_page`) would not do: only the form and
the bulk action call it.

`judge` asks for all that a page needs to be published: what its form would ask, and the checks of
home.cms.gate. `judge_form` asks the form's part alone, of pages that are live already and are stored again
for another reason: what is live stays live.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.db.models import TextField
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.blocks import Block
from wagtail.fields import StreamField
from wagtail.models import Page, Revision

from home.cms.gate import reasons
from home.cms.gate.problems import FORM, Problem, Severity, checks, in_order
from home.cms.reserved import RESERVED, TAKEN
from home.refusals import Refusal


class NotPublishable(Refusal, ValidationError):
    """The page is not fit for visitors yet; nothing was published.

    `page` is the page as it would have been; the errors are those of its fields, as in its form.
    """

    def __init__(
        self, page: Page, errors: dict[str, list[ValidationError]], problems: Iterable[Problem] = ()
    ) -> None:
        ValidationError.__init__(self, errors)
        self.page = page
        self.problems = [*_of_form(page, errors), *problems]

    @property
    def sentences(self) -> list[str]:
        """Return a sentence for each fault: the page, the field, what is wrong."""
        return [
            _("“%(page)s” cannot be published: %(fault)s")
            % {"page": self.page.title, "fault": problem.sentence}
            for problem in self.problems
        ]

    @property
    def asks(self) -> bool:
        """Return whether some of it may be published once a reason is given."""
        return any(problem.severity is Severity.ASKS for problem in self.problems)

    def __str__(self) -> str:
        return " ".join(self.sentences)


def _label(page: Page, name: str) -> str:
    """Return a field's label as the form shows it; empty for faults of the whole page."""
    if name == NON_FIELD_ERRORS:
        return ""
    try:
        label = getattr(page._meta.get_field(name), "verbose_name", name)
    except FieldDoesNotExist:
        label = name
    return str(label)


def _of_form(page: Page, errors: dict[str, list[ValidationError]]) -> list[Problem]:
    """Return the faults of a page's form as problems, each with the label of its field."""
    found = []
    for name, faults in errors.items():
        for fault in faults:
            words, place = " ".join(fault.messages), _label(page, name)
            if place:
                words = _("%(field)s: %(fault)s") % {"field": place, "fault": words}
            field = "" if name == NON_FIELD_ERRORS else name
            found.append(Problem(FORM, Severity.STOPS, field, {"fault": words, "words": words}))
    return found


def form_faults(page: Page) -> dict[str, list[ValidationError]]:
    """Check every field and block of a page, as its form does on "Publish"; return what it would say."""
    errors: dict[str, list[ValidationError]] = {}
    try:
        page.full_clean()
    except ValidationError as found:
        errors |= found.error_dict
    if page.depth == 3 and page.slug in RESERVED:
        errors.setdefault("slug", []).append(ValidationError(TAKEN))
    for field in page._meta.concrete_fields:
        if not isinstance(field, StreamField | TextField):
            continue
        faults = list(_field_faults(field, getattr(page, field.name)))
        if faults:
            errors.setdefault(field.name, []).extend(map(ValidationError, faults))
    return errors


def judge_form(page: Page) -> None:
    """Check a page as its form does, without the checks of the gate. Raises NotPublishable."""
    if errors := form_faults(page):
        raise NotPublishable(page, errors)


def judge(page: Page) -> None:
    """Check all that a page needs to be published. Raises NotPublishable, with everything at once.

    What only warns passes, and what asks for a reason passes with one.
    """
    errors = form_faults(page)
    found = [problem for problem in reasons.unanswered(page, checks(page)) if _weighs(problem)]
    if errors or found:
        raise NotPublishable(page, errors, found)


def _weighs(problem: Problem) -> bool:
    return problem.severity is not Severity.WARNS


def open_problems(page: Page) -> list[Problem]:
    """Return everything that is open about this version of a page, warnings included, the gravest first."""
    found = _of_form(page, form_faults(page))
    return in_order([*found, *reasons.unanswered(page, checks(page))])


def refusals(pages: Iterable[Page], *, below: bool, user: Any) -> list[NotPublishable]:
    """Return why the newest drafts of these pages cannot be published; with `below`, also the drafts below
    them that the user may publish.
    """
    wanted = list(pages)
    if below:
        drafts = [draft for page in wanted for draft in page.get_descendants().not_live().specific()]
        wanted += [draft for draft in drafts if draft.permissions_for_user(user).can_publish()]
    found = []
    for page in wanted:
        try:
            revision = page.get_latest_revision()
            judge(revision.as_object() if revision else page.specific)
        except NotPublishable as refusal:
            found.append(refusal)
    return found


def _field_faults(field: Any, value: Any) -> Iterator[str]:
    """Yield what only a form checks: the blocks of a body, and the length of a text."""
    if isinstance(field, StreamField):
        try:
            field.stream_block.clean(value)
        except ValidationError as fault:
            yield from _faults(field.stream_block, fault, value)
    elif field.max_length:
        try:
            MaxLengthValidator(field.max_length)(value or "")
        except ValidationError as fault:
            yield from fault.messages


def _faults(block: Block, fault: ValidationError, value: Any = None) -> Iterator[str]:
    """Yield the faults of a block and of the blocks inside it, each with the way to it:
    "2. Question and answer: answer: This field is required."
    """
    inner = getattr(fault, "block_errors", None)
    if inner is None:
        yield " ".join(fault.messages)
        return
    general = getattr(fault, "non_block_errors", None)
    for one in general.as_data() if general else ():
        yield " ".join(one.messages)
    pairs = inner.items() if isinstance(inner, dict) else enumerate(inner)
    for key, error in pairs:
        if error is None:
            continue
        child, place = _child(block, key, value)
        for words in _faults(child, error, _value_at(value, key)):
            yield f"{place}: {words}"


def _child(block: Any, key: Any, value: Any) -> tuple[Any, str]:
    """Return the block at this key or position, and how an editor finds it."""
    if hasattr(block, "child_block"):  # a list of one kind
        return block.child_block, f"{key + 1}"
    if isinstance(key, int):  # a stream of several kinds
        child = value[key].block
        return child, f"{key + 1}. {child.label}"
    child = block.child_blocks[key]
    return child, str(child.label)


def _value_at(value: Any, key: Any) -> Any:
    try:
        found = value[key]
    except (KeyError, IndexError, TypeError):
        return None
    return getattr(found, "value", found) if isinstance(key, int) else found


def _keep_live_version(page: Page, revision: Revision) -> None:
    """Give a live page that was never stored as a revision one, dated before the planned revision.

    Without it, Wagtail takes a page off the site when a later version of it is planned.
    """
    if not page.live or page.live_revision_id or not page.go_live_at or page.go_live_at <= timezone.now():
        return
    live = page.specific_class.objects.get(pk=page.pk)
    kept = Revision.objects.create(
        content_object=live,
        base_content_type=live.get_base_content_type(),
        content=live.serializable_data(),
        object_str=str(live),
        created_at=min(live.last_published_at or revision.created_at, revision.created_at)
        - timedelta(seconds=1),
    )
    Page.objects.filter(pk=page.pk).update(live_revision=kept)
    page.live_revision = kept


_execute = PublishPageRevisionAction.execute


def _publish(self: PublishPageRevisionAction, skip_permission_checks: bool = False) -> None:
    """Judge the revision, then publish or plan it in one transaction; a refusal leaves its plan as it was."""
    self.check(skip_permission_checks=skip_permission_checks)
    judge(self.object)
    self.object.is_judged = True  # when it is stored below
    with transaction.atomic():
        _keep_live_version(self.object, self.revision)
        _execute(self, skip_permission_checks=skip_permission_checks)


PublishPageRevisionAction.execute = _publish
