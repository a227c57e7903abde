"""Addresses of the first floor that are not pages: the finder, the flyer, the pictures for sharing."""

from django.http import HttpResponse


def finder(request):
    return HttpResponse()


def flyer(request, code):
    return HttpResponse()


def social_image(request, language, code):
    return HttpResponse()
