"""What a person reads: plans, steps as they happen, approval requests, answers."""
