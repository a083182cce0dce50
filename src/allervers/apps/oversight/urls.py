"""Addresses of the application."""

from django.urls import path

from allervers.apps.oversight import views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("demandes/", views.requests, name="requests"),
]
