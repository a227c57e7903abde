from django.http import HttpResponse


def sitemap(request):
    return HttpResponse()
