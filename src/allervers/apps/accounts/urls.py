"""Addresses of the application."""

from django.urls import path

from allervers.apps.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("comptes/", views.accounts, name="accounts"),
]
