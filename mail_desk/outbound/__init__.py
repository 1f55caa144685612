"""Tickets → SMTP."""
