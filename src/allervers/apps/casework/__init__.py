"""Accompaniment: the rendez-vous des droits, the plan of a household, its follow-up until each right is paid."""
