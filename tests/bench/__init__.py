"""What a task costs: model calls, tokens, seconds; ours and others' on the same scripted model. Run it by `make bench`.

Nothing of it is a test: it prints what it measures beside the design's targets, a miss as well.
"""
