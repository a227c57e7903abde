"""One settings file, driven by the environment.

Embedded (nothing set, or DEMO=1): SQLite, memory cache, files, letters in a folder. Production: set
SECRET_KEY, DATABASE_URL, CACHE_URL, ALLOWED_HOSTS, SITE_URL, EMAIL_HOST, DEFAULT_FROM_EMAIL and PROXY_COUNT;
academy/docs/operations.md explains each.
"""

import zoneinfo

# Before any time zone is loaded: older system files still have Morocco at UTC+1; the tzdata package is
# correct.
zoneinfo.reset_tzpath(to=[])
zoneinfo.ZoneInfo.clear_cache()

import os  # noqa: E402
from pathlib import Path  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

from django.urls import reverse_lazy  # noqa: E402

from academy import env, log  # noqa: E402

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data")))

DEMO = env.flag("DEMO")
DEBUG = env.flag("DEBUG") and not DEMO
EMBEDDED = DEMO or DEBUG  # one process on one machine, no configuration
PRODUCTION = not EMBEDDED

# Hosts and proxies
PORT = env.number("PORT", 8000)
SITE_URL = env.text("SITE_URL", f"http://localhost:{PORT}" if EMBEDDED else None).rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver" if EMBEDDED else None)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
PROXY_COUNT = env.number("PROXY_COUNT", 0)
LEAST_FREE_MB = env.number("LEAST_FREE_MB", 500)  # on the disk of DATA_DIR: with less, files are refused
PRINTER_MM = env.numbers("PRINTER_MM", "220,220,250")  # width, depth and height of what the 3D printer prints
SECRET_KEY = (
    env.kept_secret(DATA_DIR / "secret_key")
    if EMBEDDED and not os.environ.get("SECRET_KEY")
    else env.text("SECRET_KEY")
)

# Keys of the safety notes: the first encrypts, all decrypt (`manage.py rotate_safety_keys`). None: no notes.
_safety_keys = (
    env.kept_key(DATA_DIR / "safety_keys")
    if EMBEDDED and not os.environ.get("SAFETY_KEYS")
    else env.text("SAFETY_KEYS", "")
)
SAFETY_KEYS = [key.strip() for key in _safety_keys.split(",") if key.strip()]

# Backups: the folder they are kept in, the public keys (age) they are encrypted to, and when they end.
_backups = env.text("BACKUP_DIR", "")
BACKUP_DIR = Path(_backups) if _backups else None
BACKUP_KEYS = env.words("BACKUP_KEYS", "")
BACKUP_DAYS = env.number("BACKUP_DAYS", 30)

INSTALLED_APPS = [
    "academy",
    "enrollments",
    "courses",
    "home",
    "modeltranslation",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "phonenumber_field",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "academy.seen.Seen",
    "academy.middleware.NoBody",
    "academy.middleware.VisitorCache",
    "academy.middleware.Headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "academy.middleware.Theme",
    "academy.middleware.NulInPath",
    "academy.known_device.KnownDevice",
    "academy.middleware.StaffDoor",
    "home.cms.words_language.WordsLanguage",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "home.cms.doors.PageDoors",
    "home.cms.redirects.OldAddresses",
]

ROOT_URLCONF = "academy.urls"
WSGI_APPLICATION = "academy.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["home.templatetags.ready"],
            "libraries": {"i18n": "home.templatetags.ready"},
        },
    },
]

# Data: SQLite when embedded, PostgreSQL by DATABASE_URL; reports and exports read the replica
DATABASE_URL = env.text("DATABASE_URL", "" if EMBEDDED else None)
REPLICA_URL = env.text("REPLICA_URL", "")
DATABASES = env.databases(DATABASE_URL, REPLICA_URL, DATA_DIR)
DATABASE_ROUTERS = ["home.database.replica.Router"] if REPLICA_URL else []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Two stores, so that rate limits and cached pages never evict each other.
CACHE_URL = env.text("CACHE_URL", "" if EMBEDDED else None)
if CACHE_URL:
    _store = {
        "BACKEND": "academy.cache.PatientRedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    CACHES = {
        "default": _store,
        "pages": _store | {"KEY_PREFIX": "pages"},
        "renditions": _store | {"KEY_PREFIX": "renditions"},
    }
else:
    CACHES = {
        name: {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": name,
            "OPTIONS": {"MAX_ENTRIES": entries},
        }
        for name, entries in {"default": 50_000, "pages": 2_000, "renditions": 2_000}.items()
    }
VISITOR_CACHE_SECONDS = 10  # places shown are at most this old, and never used for decisions

TASKS, RQ_QUEUES = env.tasks(env.choice("LONG_WORK", ("here", "redis")), CACHE_URL)

# Languages: French is the default; the URL selects one
LANGUAGE_CODE = "fr"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("fr", "Français"), ("ar", "العربية"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "academy" / "locale"]
FORMAT_MODULE_PATH = ["academy.formats"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "fr"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("fr",)
USE_TZ = USE_I18N = WAGTAIL_I18N_ENABLED = True
TIME_ZONE = "Africa/Casablanca"
PHONENUMBER_DEFAULT_REGION = "MA"
CURRENCY = "MAD"

# Accounts: all sign-in forms are allauth's
AUTH_USER_MODEL = "academy.User"
AUTHENTICATION_BACKENDS = ["academy.signed_in.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "academy.accounts.HouseNameValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("welcome")
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "academy.accounts.Adapter"
ACCOUNT_USER_DISPLAY = "academy.accounts.shown_name"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "academy.accounts.SignupForm",
    "login": "academy.account_forms.LoginForm",
    "add_email": "academy.account_forms.AddEmailForm",
    "change_email": "academy.account_forms.ChangeEmailForm",
    "change_password": "academy.account_forms.ChangePasswordForm",
    "set_password": "academy.account_forms.SetPasswordForm",
    "reset_password": "academy.account_forms.ResetPasswordForm",
    "reset_password_from_key": "academy.account_forms.ResetPasswordKeyForm",
    "reauthenticate": "academy.account_forms.ReauthenticateForm",
    "confirm_email_verification_code": "academy.account_forms.ConfirmEmailForm",
    "confirm_password_reset_code": "academy.account_forms.ConfirmResetForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_CHANGE_EMAIL = ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Moroccan operators share IP addresses among subscribers: limit by account first, by address generously (20
# times as many).
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")  # no code by email
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "100/10m/ip,20/10m/key",  # the key is account and network address together
    "login_failed_account": "200/h/key",  # from anywhere
    "login_failed_device": "20/10m/key",  # a device its owner has signed in on
    "signup": "100/h/ip",
    "reset_password": "100/h/ip,5/10m/key",
    "reset_password_from_key": "60/m/ip",
    "confirm_email": "1/30s/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "session_code": "20/10m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EMBEDDED
MFA_ADAPTER = "academy.second_factor.MFAAdapter"
MFA_FORMS = {
    "authenticate": "academy.second_factor.AuthenticateForm",
    "reauthenticate": "academy.account_forms.FactorReauthenticateForm",
    "activate_totp": "academy.account_forms.ActivateAppForm",
    "generate_recovery_codes": "academy.account_forms.GenerateCodesForm",
    "add_webauthn": "academy.account_forms.AddPasskeyForm",
    "edit_webauthn": "academy.account_forms.EditPasskeyForm",
}
MFA_TOTP_ISSUER = "Active Labs"
USERSESSIONS_TRACK_ACTIVITY = False

# The CMS
WAGTAIL_SITE_NAME = "Active Labs"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILADMIN_LOGIN_URL = reverse_lazy("account_login")
WAGTAILIMAGES_IMAGE_MODEL = "home.Picture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "home.cms.uploads.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "avif", "heic", "heif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 8 * 1024 * 1024
WAGTAILDOCS_DOCUMENT_FORM_BASE = "home.cms.uploads.DocumentForm"
WAGTAILDOCS_EXTENSIONS = ["pdf"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 25 * 1024 * 1024
WAGTAIL_PRIVATE_PAGE_OPTIONS = WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []  # all are downloads
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"  # as home.language.typed_dates reads; in each language's input formats
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
WAGTAIL_ENABLE_WHATS_NEW_BANNER = WAGTAIL_ENABLE_UPDATE_CHECK = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_ALLOW_UNICODE_SLUGS = WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = False
WAGTAIL_FINISH_WORKFLOW_ACTION = "home.cms.approval.publish_what_was_read"
_SEARCH = {"BACKEND": "wagtail.search.backends.database", "SEARCH_CONFIG": "simple"}  # words come stemmed
WAGTAILSEARCH_BACKENDS = {"default": _SEARCH}
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
TAGGIT_CASE_INSENSITIVE = True
# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder", "academy.style_sheet.Finder"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = env.file_storages() | {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Emails: a folder and the console when embedded
LETTERS_DIR = DATA_DIR / "letters"
EMAIL_BACKEND = (
    "academy.mailbox.Folder"
    if EMBEDDED and not os.environ.get("EMAIL_HOST")
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost" if EMBEDDED else None)
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL", "Active Labs <demonstration@example.org>" if EMBEDDED else None
)

# Sign-in, sessions and cookies
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
OFFICE_IDLE_LOCK_SECONDS = 15 * 60  # the office computers are in a public hall
SESSION_ENGINE = "academy.signed_in"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "academy.expired.form_expired"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^workz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# The operator's decisions: they bind other names of the domain for a year.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.flag("HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = HTTPS and env.flag("HSTS_PRELOAD")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_COUNT else None
USE_X_FORWARDED_HOST = False
X_FRAME_OPTIONS = "SAMEORIGIN"  # the site's policy says frame-ancestors 'none'; the CMS previews in a frame
SILENCED_SYSTEM_CHECKS = [
    "templates.W003",  # home.templatetags.ready replaces Django's i18n
    "security.W002",  # academy.middleware.Headers writes that header
    "security.W005",  # HSTS for subdomains and
    "security.W021",  # preloading: the operator decides
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

SITE_HOST = urlsplit(SITE_URL)

RELEASE = env.text("RELEASE", "")  # a version or a commit, as metrics and error reports tell it
METRICS_PORT = env.number("METRICS_PORT", 0)  # on 127.0.0.1; 0: no metrics
_reports = env.error_reports(RELEASE, "production" if PRODUCTION else "demonstration")
_level = "INFO" if PRODUCTION else "WARNING"
LOGGING = log.config(level=_level, form=env.choice("LOG_FORMAT", log.FORMS), reports=_reports)

# Under test: TESTING=1 selects plain static files and no email files.
TESTING = EMBEDDED and env.flag("TESTING")
if TESTING:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_AUTOREFRESH = True
    WHITENOISE_USE_FINDERS = True
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    VISITOR_CACHE_SECONDS = 0
