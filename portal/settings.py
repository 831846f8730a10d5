"""Django's settings. What an operator may set comes from portal/environment.py."""

import dj_database_url

from portal import environment
from portal.static_headers import headers_add

SECRET_KEY = environment.secret_key()
DEBUG = False
ALLOWED_HOSTS = environment.ALLOWED_HOSTS
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "portal.formats"

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # portal/admin makes the one site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "vault",
    "accounts",
    "exchange",
    "portal",
]

MIDDLEWARE = [
    "portal.middleware.headers.ResponseHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.sealed.SealedMiddleware",
    # The rest serves Django admin alone; no portal or API request carries a cookie.
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [environment.ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
    {
        "NAME": "mail",  # plain text: nothing is escaped
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [environment.ROOT / "templates" / "emails"],
        "OPTIONS": {"autoescape": False},
    },
]

DATABASES = {"default": dj_database_url.parse(environment.DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
# Used instead of the above while `manage.py migrate` runs; the role that serves owns nothing then.
SEALPOST_DATABASE_MIGRATE = (
    dj_database_url.parse(environment.DATABASE_MIGRATE_URL) if environment.DATABASE_MIGRATE_URL else None
)
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "portal.database.postgresql"  # tells the database whose rows it may show
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["TEST"] = {"NAME": str(environment.DATA / "test.sqlite3")}  # in memory it would lock otherwise
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": environment.CACHE_URL,
        "OPTIONS": {"serializer": "portal.cache.JSONSerializer"},
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [environment.ROOT / "static" / "dist"]
# The build writes fixed names, which the engine's workers need; whitenoise answers with ETags from the finders.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 0
WHITENOISE_ADD_HEADERS_FUNCTION = headers_add

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # the default sets a cookie at /
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.ORIGIN.startswith("https://")
if environment.ORIGIN:
    CSRF_TRUSTED_ORIGINS = [environment.ORIGIN]
LOGIN_URL = "/admin/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 14}}
]

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.authentication.SealedSessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.authentication.MayAsk"],
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is refused like every other method that an address does not take
    "EXCEPTION_HANDLER": "portal.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

CELERY = {
    "broker_url": environment.CELERY_BROKER_URL,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {"visibility_timeout": 3600},
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_acks_late": True,
    "task_reject_on_worker_lost": False,  # the database counts attempts; the sweep brings a lost job back
    "worker_prefetch_multiplier": 1,
    "worker_hijack_root_logger": False,
    "task_default_queue": "fast",
    "timezone": "UTC",
    "beat_schedule_filename": str(environment.RUN / "scheduler"),
    "beat_schedule": {
        "jobs_sweep": {"task": "exchange.tasks.jobs_sweep", "schedule": environment.SWEEP_SECONDS},
        "notifications_send": {"task": "accounts.tasks.notifications_send", "schedule": environment.SWEEP_SECONDS},
        "waiting_deliver": {"task": "exchange.tasks.waiting_deliver", "schedule": 60},
        "tenants_end": {"task": "exchange.tasks.tenants_end", "schedule": 3600},
        "requests_expire": {"task": "exchange.tasks.requests_expire", "schedule": 60},
        "uploads_expire": {"task": "exchange.tasks.uploads_expire", "schedule": 3600},
        "deliveries_expire": {"task": "exchange.tasks.deliveries_expire", "schedule": 300},
        "audit_checkpoints": {"task": "exchange.tasks.audit_checkpoints", "schedule": 60},
        "expiries_warn": {"task": "exchange.tasks.expiries_warn", "schedule": 900},
        "retention_erase": {"task": "exchange.tasks.retention_erase", "schedule": 900},
        "orphans_erase": {"task": "exchange.tasks.orphans_erase", "schedule": 86_400},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"sealpost": {"level": "INFO"}, "django.request": {"level": "CRITICAL"}},
}

SEALPOST_ADMIN = environment.ADMIN
SEALPOST_ORIGIN = environment.ORIGIN
SEALPOST_ADDRESS = environment.ADDRESS
SEALPOST_VAULT_ROOT = environment.VAULT_ROOT
SEALPOST_OBJECTS = environment.DATA / "objects"
SEALPOST_CLAMD = environment.CLAMD
SEALPOST_TRUSTED_ROOTS = environment.TRUSTED_ROOTS
SEALPOST_UPLOAD_MAX = environment.UPLOAD_MAX
SEALPOST_FILES_MAX = environment.FILES_MAX
SEALPOST_RECIPIENTS_MAX = environment.RECIPIENTS_MAX
SEALPOST_SIGN_IN_RATE = environment.SIGN_IN_RATE
SEALPOST_SWEEP_SECONDS = environment.SWEEP_SECONDS
SEALPOST_LEASE_SECONDS = environment.LEASE_SECONDS
SEALPOST_IDLE_LOCK_SECONDS = environment.IDLE_LOCK_SECONDS
SEALPOST_SMTP_URL = environment.SMTP_URL
SEALPOST_MAIL_FROM = environment.MAIL_FROM
SEALPOST_MAIL_FOLDER = environment.DATA / "mail"
SEALPOST_DIGEST_HOUR = environment.DIGEST_HOUR
SEALPOST_RETRY_SECONDS = (30, 120, 600)
