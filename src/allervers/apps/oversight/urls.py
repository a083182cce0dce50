"""Addresses of the application."""

from django.urls import path

from allervers.apps.oversight import views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("export.csv", views.export, name="audit-export"),
    path("menage/", views.readers, name="readers"),
    path("demandes/", views.requests, name="requests"),
    path("demandes/<int:request_id>/", views.correction, name="correction"),
    path("demandes/<int:request_id>/reponse/", views.answer, name="answer-correction"),
]
