"""What was typed into a form, for a page that sends it again."""


def typed_in(request) -> list[tuple[str, str]]:
    """Return the submitted form data as (name, value), for components/kept.html. A password is not
    repeated on a page; files cannot be kept: then `files_lost` says so to the form.
    """
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
    return [*kept, ("files_lost", "yes")] if request.FILES else kept
