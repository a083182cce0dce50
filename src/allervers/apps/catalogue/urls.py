"""Addresses of the application. French words: people read them. No right has the name of a page (a test sees to it)."""

from django.urls import path, re_path

from allervers.apps.catalogue import views

urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("recherche/", views.search_page, name="catalogue-search"),
    path("comment-lire/", views.reading, name="catalogue-reading"),
    path("liens/", views.graph, name="catalogue-graph"),
    path("changements/", views.changes, name="catalogue-changes"),
    path("changements/changements.csv", views.changes_csv, name="catalogue-changes-csv"),
    path("changements/fil.atom", views.changes_feed, name="catalogue-changes-feed"),
    path("demarches/", views.procedures_page, name="catalogue-procedures"),
    path("demarches/demarches.csv", views.procedures_csv, name="catalogue-procedures-csv"),
    re_path(r"^(?P<kind>theme|public|evenement|institution)/(?P<name>[\w-]+)/$", views.way, name="catalogue-way"),
    path("<slug:right_id>/", views.right_sheet, name="right-sheet"),
    re_path(r"^(?P<asked>.+)/$", views.unknown, name="catalogue-unknown"),
]
