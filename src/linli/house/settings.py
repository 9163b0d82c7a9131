"""Django's settings. What differs between installations comes from the home folder and LINLI_… variables."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from linli.house import oidc
from linli.house.database import connection_settings
from linli.house.home import Home
from linli.kernel.web import tiles
from linli.kernel.web.release import static_release

BASE_DIR = Path(__file__).resolve().parents[1]
HOME = Home.current()


def _listed(variable: str, default: str = "") -> list[str]:
    """The comma-separated words of an environment variable."""
    return [word.strip() for word in os.environ.get(variable, default).split(",") if word.strip()]


# ── Security ───────────────────────────────────────────────────────────────────────────────────────

SECRET_KEY = HOME.secret_key()
DEBUG = os.environ.get("LINLI_DEBUG") == "1"
DEMO = (HOME.folder / "demo").exists()
ALLOWED_HOSTS = _listed("LINLI_HOSTS", "127.0.0.1,localhost,[::1]")
HTTPS = os.environ.get("LINLI_HTTPS") == "1"
LINLI_PROXIES = _listed("LINLI_PROXIES", "127.0.0.1,::1" if HTTPS else "")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS and host not in {"*", "[::1]"}]

SESSION_COOKIE_NAME = "linli_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "linli.house.errors.form_expired"
CSRF_COOKIE_NAME = "linli_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_NAME = "linli_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS

MAPS_ROOT = HOME.folder / "maps"
TILE_HOSTS = _listed("LINLI_TILE_HOSTS") or tiles.hosts(MAPS_ROOT)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *TILE_HOSTS],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF, *TILE_HOSTS],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# ── Rooms, doors and guests ────────────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "linli.kernel.web",
    "linli.kernel.clock",
    "linli.kernel.journal",
    "linli.kernel.outbox",
    "linli.kernel.beats",
    "linli.kernel.seal",
    "linli.kernel.once",
    "linli.kernel.rates",
    "linli.kernel.retention",
    "linli.rooms.catalogue",
    "linli.rooms.places",
    "linli.rooms.people",
    "linli.rooms.cases",
    "linli.rooms.ladder",
    "linli.rooms.whistles",
    "linli.rooms.fieldwork",
    "linli.rooms.oversight",
    "linli.rooms.insight",
    "linli.rooms.bulletins",
    "linli.rooms.messages",
    "linli.rooms.webhooks",
    "linli.doors.common",
    "linli.doors.entrance",
    "linli.doors.inbox",
    "linli.doors.portal",
    "linli.doors.field",
    "linli.doors.desk",
    "linli.doors.command",
    "linli.doors.duty",
    "linli.doors.whistle",
    "linli.doors.rounds",
    "linli.doors.supervision",
    "linli.doors.meetings",
    "linli.doors.figures",
    "linli.doors.gazette",
    "linli.doors.admin",
    "linli.doors.setup",
    "linli.doors.api",
    "linli.doors.open311",
    "linli.doors.ogc",
    "linli.house",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "linli.house.proxies.ProxyMiddleware",
    "linli.house.health.HealthMiddleware",
    "linli.house.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "linli.house.headers.HeadersMiddleware",
    "linli.house.limits.RequestSizeMiddleware",
    "linli.house.limits.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "linli.rooms.people.middleware.ViewerMiddleware",
    "linli.house.strangers.StrangersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "linli.house.errors.ErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "linli.house.urls"
WSGI_APPLICATION = "linli.house.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "linli.kernel.web.context.web",
            ]
        },
    }
]

FORM_RENDERER = "linli.kernel.web.forms.LinliRenderer"

# ── Data ───────────────────────────────────────────────────────────────────────────────────────────

DATABASES = {"default": connection_settings(HOME)}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LINLI_HOME = HOME.folder
# How often strangers may do what costs something: "report=60/10m,3000/10m; suggest=off" (address, house), or "off"
LINLI_LIMITS = os.environ.get("LINLI_LIMITS", "")

LINLI_JOURNAL_KEY = HOME.journal_key()
LINLI_SEAL_KEYS = HOME.seal_keys()

# Hosts and nets besides the public ones that the house may send to: "10.1.2.0/24,gateway.city.example"
LINLI_OUTGOING_ALLOW = _listed("LINLI_OUTGOING_ALLOW")

# A folder outside of the house that gets a signed checkpoint of the journal, a file a day.
LINLI_CHECKPOINT_FOLDER = os.environ.get("LINLI_CHECKPOINT_FOLDER", "")

MEDIA_ROOT = HOME.files
# The release is part of the address: files are kept for ever by browsers, and modules find one another by
# relative names without being rewritten.
STATIC_URL = f"static/{static_release()}/"
WHITENOISE_MAX_AGE = 365 * 24 * 3600
STATIC_ROOT = HOME.static
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_MIMETYPES = {".mjs": "text/javascript", ".pmtiles": "application/octet-stream"}

# A report carries up to nine photos of 20 MB; what is larger than 1 MB goes to disk while it arrives.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 12
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
MAX_REQUEST_BYTES = 9 * 20 * 1024 * 1024 + 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = HOME.run if HOME.run.is_dir() else None

# ── Language and time ──────────────────────────────────────────────────────────────────────────────

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = sorted((BASE_DIR / "kernel").glob("*/locale"))  # the parts that are not Django apps, too
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ── Sign-in ────────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "linli.rooms.people.passwords.LengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "linli.rooms.people.passwords.ThreeClassesValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SIGN_IN_FIRST = ["/field/", "/desk/", "/command/", "/admin/", "/cases/"]  # doors where nobody is a stranger
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "linli.doors.entrance.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_FORMS = {
    "login": "linli.doors.entrance.forms.LoginForm",
    "change_password": "linli.doors.entrance.forms.ChangePasswordForm",
    "reauthenticate": "linli.doors.entrance.forms.ReauthenticateForm",
}
# The lockout itself is axes' (in the database, for all processes); this is a second line in each process.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/5m/key", "signup": "20/h/ip"}
MFA_ADAPTER = "linli.doors.entrance.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "linli.doors.entrance.forms.AuthenticateForm",
    "reauthenticate": "linli.doors.entrance.forms.MFAReauthenticateForm",
    "activate_totp": "linli.doors.entrance.forms.ActivateTOTPForm",
    "add_webauthn": "linli.doors.entrance.forms.AddWebAuthnForm",
    "edit_webauthn": "linli.doors.entrance.forms.EditWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Linli 邻里"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

LINLI_OIDC = oidc.of(HOME)
LINLI_OIDC_ID = oidc.PROVIDER_ID
SOCIALACCOUNT_ADAPTER = "linli.doors.entrance.oidc.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = oidc.allauth_settings(LINLI_OIDC)
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 5 / 60  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]  # from wherever it is tried; a passkey still opens
AXES_USERNAME_CALLABLE = "linli.doors.entrance.lockout.name_of"
AXES_LOCKOUT_CALLABLE = "linli.doors.entrance.lockout.locked"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the journal keeps who signed in
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]

# ── Tidings ────────────────────────────────────────────────────────────────────────────────────────

SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS, SSL redirect and secure cookies follow LINLI_HTTPS:
    "security.W008",  # a house in a closed network has no certificate
    "security.W012",
    "security.W016",
    "axes.W006",  # a name is locked from wherever it is tried: changing the address does not help
]

LINLI_LOG = "json" if os.environ.get("LINLI_LOG") == "json" else "line"
LINLI_LOG_REQUESTS = os.environ.get("LINLI_LOG_REQUESTS", "1" if LINLI_LOG == "json" else "") == "1"
LINLI_METRICS_TOKEN = os.environ.get("LINLI_METRICS_TOKEN", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "linli.house.logs.LineFormatter"},
        "json": {"()": "linli.house.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LINLI_LOG}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"level": "INFO"},
        "django.request": {"level": "ERROR"},  # 4xx are the visitor's business and carry addresses
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "axes": {"level": "ERROR"},
    },
}
