"""Django's settings, derived from the typed configuration. Nothing else reads the environment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from allervers.web.configuration import (
    database,
    field_keys,
    incoming_folder,
    old_secret_keys,
    origin_of,
    read_configuration,
    secret_key,
)

CONFIGURATION = read_configuration()
HERE = Path(__file__).parent

CONFIGURATION.data.mkdir(mode=0o700, parents=True, exist_ok=True)
SECRET_KEY = secret_key(CONFIGURATION.data)
SECRET_KEY_FALLBACKS = old_secret_keys(CONFIGURATION.data)
FIELD_KEYS = field_keys(CONFIGURATION.data)
DEBUG = CONFIGURATION.debug
ALLOWED_HOSTS = CONFIGURATION.allowed_hosts
ALLERVERS = CONFIGURATION

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "mozilla_django_oidc",
    "axes",
    "csp",
    "ninja",
    "allervers.apps.audit",
    "allervers.apps.jobs",
    "allervers.apps.accounts",
    "allervers.apps.partnership",
    "allervers.apps.people",
    "allervers.apps.findings",
    "allervers.apps.casework",
    "allervers.apps.intake",
    "allervers.apps.oversight",
    "allervers.apps.catalogue",
    "allervers.apps.simulation",
    "allervers.web",
]
MIDDLEWARE = [
    "allervers.web.middleware.RequestSizeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "allervers.web.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "allervers.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allervers.apps.accounts.middleware.CurrentAccountMiddleware",
    "allervers.web.middleware.ExpectedProblemMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "allervers.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "allervers.web.layout.layout",
            ],
            "builtins": [
                "allervers.web.templatetags.shown",
                "allervers.apps.findings.templatetags.lines",
                "allervers.apps.partnership.templatetags.partners",
            ],
        },
    },
]
FORM_RENDERER = "allervers.web.layout.FormRenderer"

DATABASES = {"default": database(CONFIGURATION.database_url, CONFIGURATION.data)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        # It holds what throttles sign-ins: with 300 entries, the default, a few hundred requests would empty it.
        "OPTIONS": {"MAX_ENTRIES": 200_000, "CULL_FREQUENCY": 4},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "allervers.apps.accounts.proconnect.ProConnectBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "allervers.apps.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "AllerVers : "
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    # An account is locked for one address by axes; this only bounds an attack from many addresses.
    "login_failed": "20/m/ip,50/h/key",
    "reset_password": "20/m/ip,5/h/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
ACCOUNT_FORMS = {
    "login": "allervers.apps.accounts.forms.LoginForm",
    "change_password": "allervers.apps.accounts.forms.ChangePasswordForm",
    "reset_password": "allervers.apps.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "allervers.apps.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "allervers.apps.accounts.forms.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if CONFIGURATION.trust_proxy else 0
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "AllerVers"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ADAPTER = "allervers.apps.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "allervers.apps.accounts.forms.CodeForm",
    "reauthenticate": "allervers.apps.accounts.forms.CodeAgainForm",
    "activate_totp": "allervers.apps.accounts.forms.ActivateForm",
}
USERSESSIONS_TRACK_ACTIVITY = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Failures are counted under a keyed hash, in the cache: no table keeps what was typed.
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_USERNAME_CALLABLE = "allervers.apps.accounts.throttling.typed_account"
AXES_CLIENT_IP_CALLABLE = "allervers.apps.accounts.throttling.client_address"
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
OIDC_RP_SIGN_ALGO = CONFIGURATION.oidc_algorithm
OIDC_RP_CLIENT_ID = CONFIGURATION.oidc_client_id
OIDC_RP_CLIENT_SECRET = CONFIGURATION.oidc_client_secret
OIDC_RP_SCOPES = "openid given_name usual_name email siret"
# The provider tells how the person was authenticated (`amr`) only to who asks.
OIDC_AUTH_REQUEST_EXTRA_PARAMS = {"acr_values": "eidas1", "claims": '{"id_token":{"amr":{"essential":true}}}'}
OIDC_CREATE_USER = False
OIDC_STORE_ID_TOKEN = True
OIDC_TIMEOUT = 10
OIDC_CALLBACK_CLASS = "allervers.apps.accounts.proconnect.Callback"
OIDC_AUTHENTICATE_CLASS = "allervers.apps.accounts.proconnect.Authenticate"
OIDC_USE_PKCE = True

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CONFIGURATION.https
CSRF_COOKIE_SECURE = CONFIGURATION.https
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "allervers.web.middleware.csrf_failed"
SECURE_SSL_REDIRECT = CONFIGURATION.https
SECURE_HSTS_SECONDS = 365 * 86400 if CONFIGURATION.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = CONFIGURATION.https
SECURE_HSTS_PRELOAD = CONFIGURATION.https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIGURATION.trust_proxy else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Leaving a session also ends it at the provider: a form of ours that is redirected there.
        "form-action": [SELF, *([origin_of(CONFIGURATION.oidc_issuer)] if CONFIGURATION.oidc_issuer else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Larger than it, a request is refused before it is read (web.middleware); what is not a file, above 2.5 MB.
MAX_REQUEST_BYTES = (CONFIGURATION.upload_megabytes + 1) << 20
MAX_ADDRESS_CHARACTERS = 32_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_TEMP_DIR = incoming_folder(CONFIGURATION.data)
FILE_UPLOAD_HANDLERS = [
    "allervers.web.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = CONFIGURATION.https
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"
STATIC_ROOT = CONFIGURATION.data / "static"
STATIC_ROOT.mkdir(mode=0o700, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Files of the package are served from where they are, with an address that changes with the version.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
EMAIL_BACKEND = "allervers.web.mail.Backend"
DEFAULT_FROM_EMAIL = CONFIGURATION.mail_from

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"}},
    "filters": {"no_token": {"()": "allervers.web.journal.WithoutTokens"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_token"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "allervers": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Its messages hold addresses of requests and names typed at sign-in.
        "axes": {"handlers": [], "level": "CRITICAL", "propagate": False},
        # Its warnings hold letters that persons typed and that the font does not have.
        "fpdf": {"level": "ERROR"},
    },
}
