"""All that people are told: what came of a Run, its answer, what is kept of it for the next Turn."""
