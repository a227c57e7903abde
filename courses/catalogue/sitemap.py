"""One sitemap for the three languages: every public live page with its translations;
French is the default.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from wagtail.models import Page, Site

from home.cms.closed import open_pages
from home.cms.pages import language_of

LIMIT = 50_000  # URLs per file, by the sitemap protocol


def entries(site: Site) -> list[dict[str, Any]]:
    """Yield URL, last change and translations by language, for each page below the site's roots."""
    roots = {root.root_path for root in Site.get_site_root_paths() if root.site_id == site.pk}
    rows = open_pages(Page.objects.live()).filter(depth__gte=2).order_by("path")
    rows = rows.values_list("url_path", "locale_id", "translation_key", "last_published_at")
    told: dict[Any, dict[str, str]] = {}
    listed = []
    for url_path, locale, key, changed in rows:
        root = next((root for root in roots if url_path.startswith(root)), None)
        if root is None:
            continue
        language = language_of(locale)
        url = f"{settings.SITE_URL}/{language}/{url_path[len(root) :]}"
        told.setdefault(key, {})[language] = url
        listed.append({"url": url, "key": key, "changed": changed})
    return [row | {"told": told[row["key"]]} for row in listed[:LIMIT]]


def sitemap(request: HttpRequest) -> HttpResponse:
    site = Site.find_for_request(request)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for entry in entries(site) if site else []:
        lines.append(f"<url><loc>{escape(entry['url'])}</loc>")
        if entry["changed"]:
            lines.append(f"<lastmod>{entry['changed'].date().isoformat()}</lastmod>")
        told = entry["told"]
        for language, url in [*told.items(), *([("x-default", told["fr"])] if "fr" in told else [])]:
            lines.append(f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(url)}"/>')
        lines.append("</url>")
    lines.append("</urlset>")
    return HttpResponse("\n".join(lines), content_type="application/xml")
