"""What is done at its times by itself: environments stopped and started, and any other request."""
