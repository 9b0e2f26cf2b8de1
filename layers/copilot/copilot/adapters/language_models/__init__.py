"""Providers of models, each in its own protocol."""
