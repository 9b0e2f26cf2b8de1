"""What platforms and builders say of a service's releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from copilot.domain import Permission, Resource, ResourceRef

if TYPE_CHECKING:  # few of those that import the ports have to do with releases
    from copilot.domain.releases import BuildLog, Definition, FailedPhase, ReleaseSigns, Ringing, Running


class Releases(Protocol):
    """Reads the world now. Every method raises PermissionDenied, RetryableError, FatalError."""

    def signs(self, service: Resource, since: datetime, until: datetime) -> ReleaseSigns:
        """What happened to it then, as far as its platform still knows. What cannot be read is said in it."""

    def failed_phases(self, build: str) -> Sequence[FailedPhase]:
        """Those of a build, by its ARN; none where it is not known any more."""

    def build_log(self, build: str, most: int) -> BuildLog:
        """So many lines at most, the last before it failed; with none at least where people see it, if that is known.
        Raises PermissionDenied also where no log may be read.
        """

    def builds_of(self, pipeline: str, execution: str, account: str) -> Sequence[str]:
        """The builds that failed in this execution of a pipeline of this account, by their ARNs."""

    def rang(self, service: Resource, since: datetime, until: datetime) -> Ringing:
        """Which alarms on it, or on all that it is part of, were ringing at any time then."""

    def definitions(self, service: Resource, wanted: Sequence[str | int]) -> Sequence[Definition]:
        """These revisions of what it runs by, each by its name or by its number alone.

        Raises ToolInputError for one that there is not.
        """

    def running(self, service: Resource) -> Running:
        """What it runs by now. Raises ToolInputError where it is no longer there."""

    def digests(self, service: Resource) -> Mapping[str, str]:
        """By the name of each container, the digest of the image that its tasks run.

        Raises FatalError where none runs of what the service runs by now, or not all run the same.
        """

    def permissions(self, service: ResourceRef, roles: Sequence[str], base: str = "") -> Sequence[Permission]:
        """What `bring` needs from IAM; with a `base`, by its id, `make` of that as well. It passes these roles on."""

    def bring(self, service: Resource, definition: str) -> None:
        """Have it run by this one, by its id; on return that is on its way."""

    def make(self, service: Resource, base: str, images: Mapping[str, str], effect: str) -> str:
        """The id of a new revision that is as the base but for these images by container, marked with the effect.

        Called again for the same effect it gives the one that was made.
        """
