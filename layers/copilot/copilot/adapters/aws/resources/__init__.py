"""The kinds of resources that are stopped and started."""
