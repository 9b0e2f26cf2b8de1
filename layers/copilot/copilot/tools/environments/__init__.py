"""Environments: what there is, how it is, stopped and started."""
