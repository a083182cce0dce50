"""Addresses of the application."""

from django.urls import path

from allervers.apps.jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("<int:number>/", views.job, name="job"),
    path("<int:number>/annuler/", views.cancel, name="job-cancel"),
    path("<int:number>/relancer/", views.retry, name="job-retry"),
]
