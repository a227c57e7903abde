def browse(page, request):
    return {}


def is_canonical(query):
    return not query


def course_facts(page, request):
    return {}


def lesson_facts(page, request):
    return {}
