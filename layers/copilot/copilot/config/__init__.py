"""What an installation is told, and whether that can be used."""
