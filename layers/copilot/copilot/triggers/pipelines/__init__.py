"""What each kind of pipeline reports of deployments, a module for each."""
