"""Pages of partnership: organisations and teams, conventions, who sees what."""
