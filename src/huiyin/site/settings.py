"""Django's settings. What differs between installations comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.account_rules import SESSION
from huiyin.site import logs
from huiyin.site.configuration import data_folder, database, flag, secret
from huiyin.site.signing_in import (
    mail_settings,
    provider_origins,
    roles_with_second_factor,
    single_sign_on,
)

PACKAGE = Path(__file__).resolve().parents[1]
DATA = data_folder()

DEBUG = False
#: Whether people reach the site by https. Off only on one's own machine.
HTTPS = flag("HUIYIN_HTTPS", default=False)
SECRET_KEY = secret("secret_key", DATA)
#: Telephone numbers are encrypted with the first key (older ones, after commas, still read) and
#: compared by a hash keyed with the pepper; neither is ever in the database.
NUMBERS_KEY = secret("numbers_key", DATA)
NUMBERS_PEPPER = secret("numbers_pepper", DATA)
ALLOWED_HOSTS = os.environ.get("HUIYIN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "huiyin.audit",
    "huiyin.furniture",
    "huiyin.territory",
    "huiyin.organisation",
    "huiyin.survey",
    "huiyin.auditor",
    "huiyin.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "huiyin.site.logs.RequestLogMiddleware",
    "huiyin.site.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "huiyin.site.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "huiyin.site.middleware.HeadersMiddleware",
    "huiyin.site.middleware.ActorMiddleware",
    "huiyin.site.middleware.ProblemMiddleware",
    "huiyin.site.middleware.SessionEndMiddleware",
    "huiyin.site.middleware.ProofMiddleware",
]

LOGGING = logs.configuration(os.environ.get("HUIYIN_LOG_LEVEL", "INFO"))
#: Probes ask the process itself, not by the name and the scheme that people use.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

ROOT_URLCONF = "huiyin.site.urls"
WSGI_APPLICATION = "huiyin.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "huiyin.site.context.layout",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "huiyin.furniture.templatetags.furniture",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///huiyin"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "organisation.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
_PASSWORD = "huiyin.organisation.account_passwords"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_PASSWORD}.KindsValidator"},
    {"NAME": f"{_PASSWORD}.NameValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": f"{_PASSWORD}.HistoryValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

# Accounts are made by invitation; their own pages are listed in site/account_urls.py.
ACCOUNT_ADAPTER = "huiyin.site.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "huiyin.site.accounts.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser
#: Requests that try passwords, all processes together; lock-out is counted by organisation.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
#: How many proxies of ours stand before the site and write X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("HUIYIN_PROXIES", "0"))
MFA_ADAPTER = "huiyin.site.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Huiyin"
MFA_TOTP_TOLERANCE = 1  # clocks in closed networks drift
SOCIALACCOUNT_ADAPTER = "huiyin.site.accounts.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = single_sign_on(os.environ)
SOCIALACCOUNT_STORE_TOKENS = False
USERSESSIONS_TRACK_ACTIVITY = False  # SessionEndMiddleware does, once a minute
#: Roles that must give a one-time password: HUIYIN_SECOND_FACTOR=administrator,auditor
HUIYIN_SECOND_FACTOR_ROLES = roles_with_second_factor(os.environ)
HUIYIN_POLICY = "huiyin.organisation.permissions.refusal"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("HUIYIN_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA / "uploads"
FILE_UPLOAD_HANDLERS = [
    "huiyin.furniture.uploads.RefuseLargeRequests",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "huiyin_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
vars().update(mail_settings(os.environ))

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(SESSION.total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "huiyin.site.middleware.forged"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and ALLAUTH_TRUSTED_PROXY_COUNT else None
)
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        # a browser follows a sign-in form to the provider only if it stands here
        "form-action": [SELF, *provider_origins(SOCIALACCOUNT_PROVIDERS)],
        "frame-ancestors": [NONE],
    }
}
