"""A PDF or a spreadsheet as a response."""

from django.http import HttpResponse


def file_response(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
