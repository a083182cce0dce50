"""Addresses of the application."""

from django.urls import path

from allervers.apps.intake import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("deposer/", views.deposit_new, name="deposit-new"),
    path("depots/<int:number>/", views.deposit, name="deposit"),
    path("depots/<int:number>/rejets.csv", views.deposit_rejects, name="deposit-rejects"),
    path("registre/<str:import_id>/detruire/", views.import_destroy, name="import-destroy"),
    path("detection/", views.detections, name="detections"),
    path("detection/demander/", views.detection_ask, name="detection-ask"),
]
