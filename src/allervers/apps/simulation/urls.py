"""Addresses of the simulator. French words: people read them. No address holds an answer."""

from django.urls import path

from allervers.apps.simulation.views import keeping, results, steps

urlpatterns = [
    path("", steps.start, name="simulation"),
    path("foyer/", steps.household, name="simulation-household"),
    path("famille/", steps.other_family, name="simulation-family"),
    path("suite/", steps.following, name="simulation-next"),
    path("question/<slug:page>/<slug:row>/", steps.question, name="simulation-question"),
    path("reponses/", steps.answers, name="simulation-answers"),
    path("droits/", results.results, name="simulation-results"),
    path("droits/<slug:right_id>/", results.right, name="simulation-right"),
    path("bilan/", results.report, name="simulation-report"),
    path("bilan/mon-bilan.pdf", results.report_pdf, name="simulation-report-pdf"),
    path("et-si/", results.what_if, name="simulation-what-if"),
    path("garder/", keeping.keep, name="simulation-keep"),
    path("garder/code/", keeping.make_code, name="simulation-code"),
    path("garder/ma-simulation.json", keeping.file, name="simulation-file"),
    path("reprendre/", keeping.resume, name="simulation-resume"),
    path("reprendre/code/", keeping.resume_code, name="simulation-resume-code"),
    path("reprendre/fichier/", keeping.resume_file, name="simulation-resume-file"),
    path("effacer/", keeping.forget, name="simulation-forget"),
    path("efface/", keeping.forgotten, name="simulation-forgotten"),
    path("chercher/", keeping.search, name="simulation-search"),
]
