"""Every address of the site.

Keep them: emails, QR codes and calendar programs carry them (academy/docs/architecture.md).
"""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail.admin import urls as cms_urls
from wagtail.admin.auth import require_admin_access
from wagtail.documents import urls as document_urls

from academy import clockwork_page, health, lock, mailbox, second_factor, sign_up, views
from courses import views as course_views
from courses.catalogue.sitemap import sitemap
from enrollments.views.links.calendar_feeds import calendar_feed
from home.cms.account import CMSAccountView
from home.cms.serving import serve
from home.contact import views as contact_views
from home.files.media import media

urlpatterns = [
    path("", views.first_page, name="first_page"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("workz", health.workz, name="workz"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path(".well-known/change-password", views.change_password, name="change_password"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("manifest-<str:language>.webmanifest", views.manifest, name="manifest"),
    path("theme/", views.theme, name="theme"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.letter, name="letter"),
    path("social/<str:language>/<slug:code>.jpg", course_views.social_image, name="social_image"),
    path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed"),
    path("cms/account/", require_admin_access(CMSAccountView.as_view()), name="cms_account"),
    path("cms/", include(cms_urls)),
    path("documents/", include(document_urls)),
]

# What visitors may fetch from the media folder: renditions of pictures, and portraits of the team. Originals,
# documents and unfinished uploads are in other folders of it, and have no address.
PUBLIC_MEDIA = ("images", "avatar_images")

# In a folder, the web server hands them out in production; it asks here for those that it does not find.
urlpatterns += [path(f"media/{folder}/<path:path>", media, {"folder": folder}) for folder in PUBLIC_MEDIA]

urlpatterns += i18n_patterns(
    path("welcome/", views.welcome, name="welcome"),
    path(
        "account/2fa/webauthn/keys/<int:pk>/remove/", second_factor.remove_passkey, name="mfa_remove_webauthn"
    ),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/details/", views.details, name="account_details"),
    path("account/logins/<int:login_id>/end/", views.end_login, name="login_end"),
    path("account/logins/", include("allauth.usersessions.urls")),
    path("account/signup/", sign_up.registration, name="account_signup"),
    path("account/signup/correct/", sign_up.correct_address, name="signup_correct"),
    path("account/confirm-email/", sign_up.confirmation_code, name="account_email_verification_sent"),
    path("account/", include("allauth.account.urls")),
    path("family/", include("enrollments.urls.family")),
    path("desk/", include("enrollments.urls.desk")),
    path("office/lock/", lock.lock, name="office_lock"),
    path("office/locked/", lock.locked, name="office_locked"),
    path("office/switch/", lock.switch, name="office_switch"),
    path("office/clockwork/", clockwork_page.office_clockwork, name="office_clockwork"),
    path("office/", include("enrollments.urls.office")),
    path("", include("enrollments.urls.links")),
    path("contact-form/", contact_views.send, name="contact_send"),
    path("finder/", course_views.finder, name="finder"),
    path("flyer/<slug:code>/", course_views.flyer, name="flyer"),
    # No page is under "cms/": a 404 there is final, instead of redirecting to a language.
    re_path(r"^((?!cms/)(?:[\w\-]+/)*)$", serve, name="wagtail_serve"),
)

handler400 = "academy.views.unreadable"
handler404 = "academy.views.not_found"
handler500 = "academy.views.fault"
