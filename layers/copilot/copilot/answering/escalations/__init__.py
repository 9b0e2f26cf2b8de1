"""Approvals that nobody answered: where they are told, and what."""
