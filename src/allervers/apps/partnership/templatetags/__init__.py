"""Words of partnership in templates."""
