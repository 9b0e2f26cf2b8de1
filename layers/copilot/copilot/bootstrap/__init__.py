"""The one composition: here adapters meet use cases, for the functions, for a run in one process, and for tests."""

from copilot.bootstrap.use_cases import UseCases, deployed, with_use_cases

__all__ = ["UseCases", "deployed", "with_use_cases"]
