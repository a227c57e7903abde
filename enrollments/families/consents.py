"""Policies and consents: record answers and report what they permit.

Sole writer of Policy, PolicyVersion, PolicyText and Consent.

Photographs are forbidden until a guardian with full rights agrees to the current text. Any guardian's or the
child's own refusal wins (domain §7).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from enrollments.families import erased_numbers
from enrollments.letters import outbox
from enrollments.models import Child, Consent, Guardianship, Policy, PolicyText, PolicyVersion
from home.account import User
from home.database.compiled import Compiled
from home.language.table import LANGUAGES
from home.refusals import Refusal

FRENCH = settings.LANGUAGE_CODE
PROJECT_PHOTOS = "photo-inside"  # of the child alone, with its project, in its file
CLASS_PICTURES = "photo-families"  # with other children, for the families of those in them


class Published(Refusal):
    """Raised for a published version, which never changes. Write a new version."""


# ---- answers


@transaction.atomic
def answer(
    version: PolicyVersion,
    *,
    guardian: User,
    yes: bool,
    language: str,
    at: datetime,
    child: Child | None = None,
    by: User | None = None,
    by_child: bool = False,
    signed_on: date | None = None,
) -> Consent:
    """Record an answer; an identical one is returned unchanged.

    `by` is the staff member who records a paper answer.

    Raises ValueError for a draft, for a child's policy without a child, and for a yes by somebody without
    full rights.
    """
    if version.published_at is None or version.policy.per_child != (child is not None):
        raise ValueError(version)
    if child is not None:
        child = Child.objects.select_for_update().get(pk=child.pk)  # concurrent answers: one after the other
        tie = Guardianship.objects.filter(guardian=guardian, child=child).first()
        if tie is None or (yes and tie.rights != Guardianship.Rights.FULL):
            raise ValueError(guardian)
    same = Consent.objects.filter(version=version, guardian=guardian, child=child, by_child=by_child)
    last = same.order_by("-pk").first()
    if last is not None and last.answer == yes:
        return last
    if not yes:
        what = erased_numbers.What.NO_OF_CHILD if by_child else erased_numbers.What.NO
        erased_numbers.note(
            what,
            guardian.pk,
            born=guardian.date_joined,
            other=child.pk if child else None,
            code=version.policy.code,
            at=at,
        )
    return Consent.objects.create(
        version=version,
        guardian=guardian,
        child=child,
        answer=yes,
        by_child=by_child,
        language=language,
        given_at=at,
        recorded_by_ref=(by or guardian).pk,
        signed_on=signed_on,
        channel=Consent.Channel.PAPER if by and by != guardian else Consent.Channel.WEB,
    )


def accept_compulsory(user: User, *, language: str, at: datetime) -> None:
    """Record acceptance of the current terms and privacy policy at sign-up, in the language shown."""
    for version in PolicyVersion.objects.outstanding(user, at):
        answer(version, guardian=user, yes=True, language=language, at=at)


# ---- what is permitted


@dataclass(frozen=True)
class ConsentStatus:
    """A child's consent status for one purpose."""

    version: PolicyVersion
    allowed: bool
    mine: Consent | None  # the requesting guardian's own last answer to this policy
    child_said_no: bool
    no_by_another: bool  # of the other guardians


def statuses(
    children: Iterable[Child], at: datetime, viewer: User | None = None
) -> dict[int, list[ConsentStatus]]:
    """Return the status of every per-child purpose in force, by child.

    Three queries for any number of children.
    """
    versions = list(PolicyVersion.objects.for_children(at).prefetch_related("texts"))
    return _statuses([child.pk for child in children], versions, viewer)


def titled_statuses(
    children: Iterable[Child], at: datetime, viewer: User | None = None
) -> dict[int, list[ConsentStatus]]:
    """Return the same where only titles are shown: each version has `title`, in the active language, instead
    of its texts. Two queries.
    """
    keys = [child.pk for child in children]
    return _statuses(keys, TITLED(at=at, language=get_language() or FRENCH), viewer) if keys else {}


def _titled(at: datetime, language: str) -> QuerySet[PolicyVersion]:
    versions: QuerySet[PolicyVersion] = PolicyVersion.objects.for_children(at)
    texts = PolicyText.objects.filter(version=OuterRef("pk"))
    title, in_french = (texts.filter(language=code).values("title")[:1] for code in (language, FRENCH))
    return versions.annotate(title=Coalesce(Subquery(title), Subquery(in_french)))


def _answers(children: Iterable[int]) -> QuerySet[Consent]:
    """Return all answers about these children, oldest first, each with the `rights` its guardian has now."""
    tie = Guardianship.objects.filter(guardian=OuterRef("guardian"), child=OuterRef("child"))
    rows = Consent.objects.filter(child__pk__in=children).annotate(rights=Subquery(tie.values("rights")[:1]))
    return rows.select_related("version").order_by("pk")


TITLED, ANSWERS = Compiled(_titled), Compiled(_answers)


def _statuses(
    keys: list[int], versions: list[PolicyVersion], viewer: User | None = None
) -> dict[int, list[ConsentStatus]]:
    rows: dict[tuple[int | None, int], list[Consent]] = defaultdict(list)
    for row in ANSWERS(children=keys) if versions else ():
        rows[row.child_id, row.version.policy_id].append(row)
    return {
        pk: [_status(version, rows[pk, version.policy_id], viewer) for version in versions] for pk in keys
    }


def _status(version: PolicyVersion, rows: list[Any], viewer: User | None) -> ConsentStatus:
    last: dict[int | None, Any] = {}
    own = None
    for row in rows:  # oldest first
        if row.by_child:
            own = row
        else:
            last[row.guardian_id] = row
    yeses = [
        row
        for guardian, row in last.items()
        if guardian and row.answer and row.version_id == version.pk and row.rights == Guardianship.Rights.FULL
    ]
    newest_yes = max((row.pk for row in yeses), default=0)
    # A current guardian's no is valid until that guardian says yes; a former guardian's, until a current full
    # guardian says yes after it.
    nos = [row for row in last.values() if not row.answer and (row.rights or row.pk > newest_yes)]
    child_said_no = own is not None and not own.answer
    mine = last.get(viewer.pk) if viewer else None
    return ConsentStatus(
        version=version,
        allowed=bool(yeses) and not nos and not child_said_no,
        mine=mine,
        child_said_no=child_said_no,
        no_by_another=any(viewer is None or row.guardian_id != viewer.pk for row in nos),
    )


def purposes_allowed(children: Iterable[Child], at: datetime) -> dict[int, set[str]]:
    """Return, by child, the codes of all purposes there is a yes for now (PROJECT_PHOTOS, CLASS_PICTURES)."""
    found = statuses(children, at)
    return {pk: {one.version.policy.code for one in rows if one.allowed} for pk, rows in found.items()}


def photos_allowed(children: Iterable[Child], code: str, at: datetime) -> dict[int, bool]:
    """Return, by child, whether recognisable pictures may be used for that purpose (PROJECT_PHOTOS,
    "photo-website"); no without a yes.
    """
    return {pk: code in codes for pk, codes in purposes_allowed(children, at).items()}


def permitting(keys: Iterable[int], code: str, at: datetime) -> set[int]:
    """Return which of these children, by primary key, have a yes for that purpose ("photo-families",
    "work-showcase") now; none without one. Two queries for any number of children.
    """
    wanted = list(set(keys))
    version = PolicyVersion.objects.for_children(at).filter(policy__code=code)
    found = _statuses(wanted, list(version)) if wanted else {}
    return {pk for pk, rows in found.items() if any(row.allowed for row in rows)}


def photo_allowed(child: Child, code: str, at: datetime) -> bool:
    return photos_allowed([child], code, at)[child.pk]


def history(user: User) -> list[Consent]:
    """Return all answers by this user and about the children they are a guardian of, newest first."""
    mine = Consent.objects.filter(guardian=user)
    theirs = Consent.objects.filter(child__in=Child.objects.of(user))
    return list(
        (mine | theirs)
        .distinct()
        .select_related("version__policy", "child")
        .prefetch_related("version__texts")
    )


# ---- texts


def lay_policy(code: str, *, is_compulsory: bool, per_child: bool, position: int) -> Policy:
    """Create a policy once; its texts are versions."""
    policy, _made = Policy.objects.get_or_create(
        code=code, defaults={"is_compulsory": is_compulsory, "per_child": per_child, "position": position}
    )
    return policy


@transaction.atomic
def draft(policy: Policy, texts: dict[str, dict[str, str]]) -> PolicyVersion:
    """Create or replace the draft of the next version ({"fr": {"title", "body"}, …}).

    Raises ValueError if a language is missing.
    """
    if set(texts) != set(LANGUAGES) or not all(
        text["title"].strip() and text["body"].strip() for text in texts.values()
    ):
        raise ValueError("three languages, please")
    Policy.objects.select_for_update().get(pk=policy.pk)
    version = policy.versions.filter(published_at=None).first()
    if version is None:
        newest = policy.versions.aggregate(newest=Max("number"))["newest"] or 0
        version = PolicyVersion.objects.create(policy=policy, number=newest + 1)
    version.texts.all().delete()
    PolicyText.objects.bulk_create(
        PolicyText(
            version=version, language=code, sha256=PolicyText.fingerprint(text["title"], text["body"]), **text
        )
        for code, text in texts.items()
    )
    return version


@transaction.atomic
def publish(version: PolicyVersion, *, by: User | None, at: datetime) -> PolicyVersion:
    """Put this version in force, irrevocably, and ask those who agreed to an earlier one again.

    Raises Published if already published.
    """
    version = (
        PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(pk=version.pk)
    )
    if version.published_at is not None:
        raise Published
    version.published_at, version.published_by_ref = at, by.pk if by else None
    version.save(update_fields=["published_at", "published_by_ref"])
    titles = {text.language: text.title for text in version.texts.all()}
    for guardian, child in _who_agreed_before(version):
        outbox.write("consent_again", to=guardian, child=child, at=at, title=titles[guardian.language])
    return version


def _who_agreed_before(version: PolicyVersion) -> list[tuple[User, Child | None]]:
    """Return who last agreed to this policy and may still agree: (guardian, child)."""
    last = {}
    answers = Consent.objects.filter(version__policy=version.policy, by_child=False, guardian__is_active=True)
    for row in answers.select_related("guardian", "child").order_by("pk"):
        last[row.guardian_id, row.child_id] = row
    full = set(
        Guardianship.objects.full()
        .filter(child__in=[child for _guardian, child in last if child])
        .values_list("guardian", "child")
    )
    agreed = [row for key, row in last.items() if row.answer and (row.child is None or key in full)]
    return [(row.guardian, row.child) for row in agreed if row.guardian]
