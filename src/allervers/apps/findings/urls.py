"""Addresses of the lists."""

from django.urls import path

from allervers.apps.findings import views

urlpatterns = [
    path("", views.findings, name="findings"),
    path("mon-travail/", views.my_work, name="my-work"),
    path("a-completer/", views.to_complete, name="to-complete"),
    path("a-completer/export.csv", views.export_to_complete, name="export-to-complete"),
    path("equipe/", views.workload, name="workload"),
    path("volumes/", views.volumes, name="volumes"),
    path("export.<str:form>", views.export, name="export-list"),
    path("volumes/export.csv", views.export_volumes, name="export-volumes"),
    path("confier/", views.assign, name="assign"),
    path("filtres/", views.save_filter, name="save-filter"),
    path("lignes/<int:line>/", views.change, name="change-line"),
    path("lignes/<int:line>/correction/", views.ask_correction, name="ask-correction"),
    path("menages/<str:household>/opposition/", views.oppose, name="oppose"),
    path("menages/<str:household>/", views.household, name="household"),
]
