"""Amazon Web Services as a Platform: what of it can be stopped and started, over accounts and regions."""
