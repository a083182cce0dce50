"""Organisations, teams and conventions: who may see what, why and until when. The rest of the house obeys it."""
