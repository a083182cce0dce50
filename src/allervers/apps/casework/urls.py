"""Addresses of plans, of follow-ups, of figures and of the counter."""

from django.urls import path

from allervers.apps.casework.views import counter, interview, interview_parts, overviews, plans

urlpatterns = [
    path("", overviews.my_follow_ups, name="follow-ups"),
    path("export.csv", overviews.export_follow_ups, name="export-follow-ups"),
    path("accueil/", counter.counter, name="counter"),
    path("accueil/rendez-vous/", counter.start_meeting, name="meeting-counter"),
    path("chiffres/", overviews.figures, name="plan-figures"),
    path("chiffres/export.csv", overviews.export_figures, name="export-plan-figures"),
    path("menages/<str:household>/", plans.open_plan, name="plan-open"),
    path("menages/<str:household>/rendez-vous/", plans.start_meeting, name="meeting-start"),
    path("rendez-vous/<int:meeting>/", interview.interview, name="interview"),
    path("rendez-vous/<int:meeting>/foyer/", interview.household, name="interview-household"),
    path("rendez-vous/<int:meeting>/question/<slug:page>/<slug:row>/", interview.question, name="interview-question"),
    path("rendez-vous/<int:meeting>/famille/", interview_parts.other_family, name="interview-family"),
    path("rendez-vous/<int:meeting>/confirmer/", interview_parts.confirm, name="interview-confirm"),
    path("rendez-vous/<int:meeting>/corrections/", interview_parts.correct, name="interview-correct"),
    path("rendez-vous/<int:meeting>/notes/", interview_parts.write_note, name="interview-note"),
    path("rendez-vous/<int:meeting>/pourquoi/<slug:right>/", interview_parts.why, name="interview-why"),
    path("rendez-vous/<int:meeting>/suite/", interview_parts.ahead, name="interview-ahead"),
    path("rendez-vous/<int:meeting>/bilan/", interview_parts.finish, name="interview-finish"),
    path("rendez-vous/<int:meeting>/tenu/", plans.hold_meeting, name="meeting-hold"),
    path("<int:plan>/", plans.plan, name="plan"),
    path("<int:plan>/resume/", plans.summary, name="plan-summary"),
    path("<int:plan>/resume/plan.pdf", plans.summary_pdf, name="plan-summary-pdf"),
    path("<int:plan>/etat/", plans.change_plan, name="plan-change"),
    path("<int:plan>/droits/", plans.add_rights, name="plan-rights"),
    path("<int:plan>/situations/", plans.tell_situations, name="plan-situations"),
    path("<int:plan>/pieces/", plans.tick_paper, name="plan-paper"),
    path("<int:plan>/etapes/", plans.add_step, name="plan-steps"),
    path("<int:plan>/notes/", plans.write_note, name="plan-notes"),
    path("<int:plan>/orientations/", plans.refer, name="plan-refer"),
    path("droits/<int:planned>/", plans.change_right, name="plan-right"),
    path("etapes/<int:step>/", plans.change_step, name="plan-step"),
    path("orientations/<int:referral>/", plans.answer_referral, name="plan-referral"),
]
