"""What starts a Run, or feeds what Runs read."""
