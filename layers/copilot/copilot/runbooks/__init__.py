"""Runbooks: saved plans with parameters. The YAML files in this folder; {"$slot": name} stands for a parameter."""
