"""Mailbox → tickets."""
