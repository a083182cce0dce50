"""Every write of partnership: organisations and teams, conventions, habilitations."""
