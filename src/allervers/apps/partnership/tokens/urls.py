"""Addresses of the tokens of an organisation."""

from django.urls import path

from allervers.apps.partnership.tokens import views

urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("nouveau/", views.new_token, name="token-new"),
    path("<int:token>/revoquer/", views.revoke, name="token-revoke"),
]
