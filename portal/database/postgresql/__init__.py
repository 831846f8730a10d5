"""Django's PostgreSQL, whose every statement runs under the active scope."""
