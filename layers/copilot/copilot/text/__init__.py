"""Texts, wherever they come from: told apart, masked, measured and put into words."""
