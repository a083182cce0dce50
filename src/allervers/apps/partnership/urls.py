"""Addresses of the application."""

from django.urls import path

from allervers.apps.partnership import views

urlpatterns = [
    path("organismes/", views.organisations, name="organisations"),
    path("equipes/", views.teams, name="teams"),
    path("conventions/", views.conventions, name="conventions"),
    path("qui-voit-quoi/", views.access_matrix, name="access-matrix"),
]
