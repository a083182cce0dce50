"""Addresses of the application."""

from django.urls import path

from allervers.apps.catalogue import views

urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("<slug:right_id>/", views.right_sheet, name="right-sheet"),
]
