"""Addresses of the application."""

from django.urls import path

from allervers.apps.jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("etat/", views.health_page, name="health-page"),
]
