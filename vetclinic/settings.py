"""All settings, read from the environment and nowhere else. `.env.example` lists every variable."""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from vetclinic.storage import storage_of

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

# -- Safety ---------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "not-a-secret-only-for-DEBUG" if DEBUG else "")
if not DEBUG and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "Set SECRET_KEY to at least 50 random characters, for example the output of:  "
        'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEBUG else [])
if not DEBUG and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the clinic's hosts; * is only for DEBUG.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Behind a TLS proxy (the way a clinic runs it) cookies are Secure and HSTS is on. The demo on
# 127.0.0.1 speaks plain HTTP and says so with HTTPS=false.
HTTPS = env.bool("HTTPS", not DEBUG)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
PROXY_COUNT = env.int("PROXY_COUNT", 0)
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
PRESENCE_COOKIE_NAME = "__Host-presence" if HTTPS else "presence"
SESSION_COOKIE_AGE = 12 * 3600  # then everybody signs in anew
SESSION_IDLE_S = env.int("SESSION_IDLE_MINUTES", 30) * 60
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "vetclinic.ui.errors.csrf_failure_page"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# -- What it is made of ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "vetclinic.access",
    "vetclinic.admin_site.VetclinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "csp",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "anymail",
    "procrastinate.contrib.django",
    "vetclinic.ui",
    "vetclinic.audit.apps.AuditConfig",
    "vetclinic.replication",
    "vetclinic.monitoring",
    "vetclinic.home",
    "vetclinic.demo",
    "clinic",
    "records",
    "billing",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "vetclinic.ui.guard.BadInputGuard",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vetclinic.replication.forward.ForwardWrites",
    "vetclinic.replication.middleware.ReadYourWrites",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vetclinic.access.session_ends.EndSessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vetclinic.access.middleware.ClosedByDefault",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
if env.bool("COUNT_SQL", False):
    MIDDLEWARE.insert(0, "vetclinic.monitoring.counting.CountSql")

ROOT_URLCONF = "vetclinic.urls"
WSGI_APPLICATION = "vetclinic.wsgi.application"
FORM_RENDERER = "vetclinic.ui.forms.FieldRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vetclinic.ui.context.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "vetclinic.ui.templatetags.ui",
            ],
        },
    }
]

# -- Databases: the primary takes the writes, a standby the reads ---------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.AutoField"  # the brief's ids are integers


def _database(url: str) -> dict:
    """A database's settings: persistent checked connections, and limits that keep one page from hanging all."""
    config = env.db_url_config(url)
    config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
    # For the choices of a form a cursor of the server costs three more trips; when the server dies, its end is an error
    # that Django does not know.
    config["DISABLE_SERVER_SIDE_CURSORS"] = True
    config["OPTIONS"] = {
        "server_side_binding": True,
        "prepare_threshold": 3,  # a statement's third run on a connection is planned no more
        "connect_timeout": 3,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 5000,
        "options": f"-c statement_timeout={env.int('STATEMENT_TIMEOUT_MS', 15_000)}"
        f" -c lock_timeout={env.int('LOCK_TIMEOUT_MS', 5_000)}"
        " -c idle_in_transaction_session_timeout=30000"
        # Compiling costs a page of sums a second, and starting other processes as much as what they would do.
        " -c jit=off -c max_parallel_workers_per_gather=0",
    } | config.get("OPTIONS", {})
    return config


def _primary(url: str) -> dict:
    """Of several hosts that which takes writes: after a promotion it is another one, and nobody changes the address."""
    config = _database(url)
    if "," in str(config["HOST"]):
        config["OPTIONS"] = {"target_session_attrs": "read-write"} | config["OPTIONS"]
    return config


def _standbys(url: str) -> dict[str, dict]:
    """Each host of the address as a database of its own: what is known of a standby must be of the one that is read."""
    config = _database(url) | {"TEST": {"MIRROR": "default"}}
    config["CONN_HEALTH_CHECKS"] = False  # a query a page: a connection that has died is noticed by what is read
    hosts, ports = str(config["HOST"]).split(","), str(config["PORT"]).split(",")
    ports *= len(hosts) if len(ports) == 1 else 1
    return {
        f"replica_{number}" if number > 1 else "replica": config | {"HOST": host, "PORT": port}
        for number, (host, port) in enumerate(zip(hosts, ports, strict=True), start=1)
    }


DATABASES = {"default": _primary(env.str("DATABASE_URL", "postgres:///vetclinic"))}
SITE_LOGIN = DATABASES["default"]["USER"]  # what it may do: vetclinic.audit.rights
OWNER_URL = env.str("DATABASE_OWNER_URL", "")
if OWNER_URL and env.bool("DATABASE_AS_OWNER", False):
    DATABASES["default"] = _primary(OWNER_URL)
REPLICA_URL = env.str("DATABASE_REPLICA_URL", "")
if REPLICA_URL:
    DATABASES |= _standbys(REPLICA_URL)
STANDBYS = [alias for alias in DATABASES if alias != "default"]
DATABASE_ROUTERS = ["vetclinic.replication.router.Router"]
REPLICA_MAX_SILENCE_S = env.int("REPLICA_MAX_SILENCE_S", 15)
REPLICA_MAX_LAG_S = env.int("REPLICA_MAX_LAG_S", 10)

WRITES_URL = env.str("WRITES_URL", "").rstrip("/")

# -- Who --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.User"
SECOND_FACTOR_FOR = env.list("SECOND_FACTOR_FOR", default=[])
AUTHENTICATION_BACKENDS = ["vetclinic.access.backends.People"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "vetclinic.access.passwords.NotTooLong"},
    {"NAME": "vetclinic.access.passwords.NotOfOwnWords"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_ENGINE = "vetclinic.access.sessions"
CACHES = {
    "default": {
        "BACKEND": "vetclinic.cache.Files",
        "LOCATION": str(env.path("CACHE_DIR", BASE_DIR / ".local" / "cache")()),
    }
}

# -- E-mail, and the worker that sends it ------------------------------------------------------------------

CLINIC_NAME = env.str("CLINIC_NAME", "Vetclinic")
_host = (ALLOWED_HOSTS or ["localhost"])[0].lstrip(".")
SITE_URL = env.str("SITE_URL", f"{'https' if HTTPS else 'http'}://{_host}").rstrip("/")  # for links in letters
_mail = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = env.str("EMAIL_BACKEND", _mail["EMAIL_BACKEND"])
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"] or "localhost", _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
ANYMAIL = {"REQUESTS_TIMEOUT": EMAIL_TIMEOUT} | env.json("ANYMAIL", {})
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"reminders@{_host}")
ADMINS = [("", address) for address in env.list("ADMIN_EMAILS", default=[])]  # told when a backup fails
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = f"[{CLINIC_NAME}] "  # of letters to the admins
VACCINATION_REMINDER_DAYS = env.int("VACCINATION_REMINDER_DAYS", 14)
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "always"}  # what was sent stands in the table reminder

# -- Language, time, money ----------------------------------------------------------------------------------

LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "ru")
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = ["vetclinic.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "Europe/Moscow")
USE_TZ = True
CLINIC_CURRENCY = env.str("CLINIC_CURRENCY", "RUB")
CLINIC_PHONE_REGION = env.str("CLINIC_PHONE_REGION", "RU")
CLINIC_LEGAL_NAME = env.str("CLINIC_LEGAL_NAME", "") or CLINIC_NAME
CLINIC_ADDRESS = env.str("CLINIC_ADDRESS", "")
CLINIC_TAX_ID = env.str("CLINIC_TAX_ID", "")
CLINIC_BANK_NAME = env.str("CLINIC_BANK_NAME", "")
CLINIC_BIC = env.str("CLINIC_BIC", "")
CLINIC_ACCOUNT = env.str("CLINIC_ACCOUNT", "")
CLINIC_CORRESPONDENT_ACCOUNT = env.str("CLINIC_CORRESPONDENT_ACCOUNT", "")
PAYMENT_QR = env.str("PAYMENT_QR", "none")  # billing.bank judges whether what it needs is there

# -- Files and logs -------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / ".local" / "static")()
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # No address leads there: files are served by a view, to those who may see them.
    "attachments": storage_of(
        env.str("ATTACHMENT_STORAGE_URL", ""), env.path("ATTACHMENT_DIR", BASE_DIR / ".local" / "media")()
    ),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", 20) * 2**20
FILE_UPLOAD_HANDLERS = ["vetclinic.ui.uploads.LimitedUpload"]
DATA_UPLOAD_MAX_NUMBER_FILES = 10
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"no_secrets": {"()": "vetclinic.ui.logs.HideSecretAddresses"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_secrets"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
    "loggers": {"vetclinic.exports": {"level": "INFO"}},  # who took which list away is always written down
}

# -- Backups: how old the last good one may be; deploy/backup/settings.py has what the programs read ----------------

BACKUP_STALE = {
    "base": timedelta(hours=env.int("BACKUP_BASE_STALE_H", 26)),
    "wal": timedelta(minutes=env.int("BACKUP_CHECK_STALE_MIN", 20)),
    "dump": timedelta(hours=env.int("BACKUP_DUMP_STALE_H", 8 * 24)),
    "prove": timedelta(hours=env.int("BACKUP_PROVE_STALE_H", 8 * 24)),
}
BACKUP_ARCHIVE_LATE_S = env.int("BACKUP_WAL_LATE_S", 180)
