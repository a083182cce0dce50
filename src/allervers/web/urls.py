"""Every address of the application. French words: people read them."""

from __future__ import annotations

from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control
from django.views.generic import TemplateView
from django.views.i18n import set_language

from allervers.api.mount import openfisca
from allervers.api.v1.reference import index, reference
from allervers.api.v1.routes import api
from allervers.web import pages
from allervers.web.health import health_page

urlpatterns = [
    path("", pages.home, name="home"),
    path("accessibilite/", TemplateView.as_view(template_name="accessibility.html"), name="accessibility"),
    path("donnees-personnelles/", TemplateView.as_view(template_name="privacy.html"), name="privacy"),
    path("theme/", pages.set_theme, name="set-theme"),
    path("langue/", set_language, name="set-language"),
    path("sante", cache_control(no_store=True)(pages.health), name="health"),
    path("compte/", include("allervers.apps.accounts.urls")),
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("listes/", include("allervers.apps.findings.urls")),
    path("plans/", include("allervers.apps.casework.urls")),
    path("partenariat/jetons/", include("allervers.apps.partnership.tokens.urls")),
    path("partenariat/", include("allervers.apps.partnership.urls")),
    path("etat/", health_page, name="health-page"),
    path("travaux/", include("allervers.apps.jobs.urls")),
    path("imports/", include("allervers.apps.intake.urls")),
    path("registre/", include("allervers.apps.oversight.urls")),
    path("droits/", include("allervers.apps.catalogue.urls")),
    path("simulateur/", include("allervers.apps.simulation.urls")),
    path("api/", reference, name="api-reference"),
    path("api/v1/", index, name="api-index"),
    path("api/v1/", api.urls),
    re_path(r"^api/openfisca(?P<path>/[\s\S]*)?$", openfisca, name="openfisca"),
]
handler404 = "allervers.web.pages.not_found"
handler500 = "allervers.web.pages.failed"
handler403 = "allervers.web.pages.forbidden"
handler400 = "allervers.web.pages.bad_request"
