"""The showcase: what children make, for everybody. Nobody signs in.

No page and no picture is kept by a cache or listed by a search engine: a copy there could not be called back.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.portfolio import showcase
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.project_pages import handed_out
from home.tries import count_try

PER_PAGE = 24
MOST, WINDOW = 5, 3600  # removals from one network address in that many seconds


def _unlisted(response):
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def _found(code: str, at):
    """Return the story that is shown now under this code; 404 for any other."""
    story = showcase.find(code, at)
    if story is None:
        raise Http404
    return story


@never_cache
@require_safe
def showcase_page(request):
    """Show the stories, the newest approval first."""
    page = page_of(showcase.shown(timezone.now()), request, per_page=PER_PAGE)
    stories = showcase.with_facts(page.object_list)
    context = {"page_obj": page, "stories": stories}
    return _unlisted(render(request, "enrollments/links/showcase.html", context))


@require_safe
def showcase_picture(request, code, small=False):
    """Hand out a story's picture while the story is shown."""
    picture = _found(code, timezone.now()).picture
    name = picture.small_as if small and picture.small_as else picture.stored_as
    return _unlisted(handed_out(name, name=f"{code[:8]}.{picture.name.rpartition('.')[2]}"))


@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def showcase_remove(request, code):
    """Say what removing means, then hide the story from everybody. A few times per address: a game must not
    empty the page; a manager sees each removal.
    """
    at = timezone.now()
    story = _found(code, at)
    if request.method == "POST":
        if count_try("showcase", request, seconds=WINDOW) > MOST:
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(WINDOW)
            return response
        showcase.hide(story, by=request.user if request.user.is_authenticated else None, at=at)
        messages.success(request, _("This picture is no longer shown. A manager will now deal with it."))
        return redirect("showcase")
    return _unlisted(render(request, "enrollments/links/showcase_remove.html", {"story": story}))
