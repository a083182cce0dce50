"""Who may see, cancel and retry a job."""

from __future__ import annotations

from django.db.models import QuerySet

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.jobs.models import Job


def visible_jobs(user: User) -> QuerySet[Job]:
    """All for the platform's administrators; those of their organisation for its administrator; none otherwise."""
    jobs = Job.objects.select_related("asked_by__organisation").order_by("-asked_at", "-pk")
    if not user.is_active:
        return jobs.none()
    if user.role == Role.PLATFORM_ADMIN:
        return jobs
    if user.role == Role.ORGANISATION_ADMIN and user.organisation_code:
        return jobs.filter(organisation=user.organisation_code)
    return jobs.none()


def can_cancel(user: User, job: Job) -> bool:
    """Who sees a job may stop it and start it again."""
    return visible_jobs(user).filter(pk=job.pk).exists()
