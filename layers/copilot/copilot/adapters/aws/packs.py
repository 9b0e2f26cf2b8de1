"""Which rights an account has given besides those to read its resources."""

from __future__ import annotations

from types import MappingProxyType
from typing import get_args

from copilot.adapters.aws.sessions import label
from copilot.config.configuration import Account
from copilot.domain import Pack, WritePack
from copilot.errors import PermissionDenied

PARAMETERS = MappingProxyType({
    "logs": "LogGroups, the names of the log groups that may be read",
    "parameters": "ParameterPaths, the paths of the parameters that may be compared",
    "trail": "Trail=enabled",
    "cost": "Cost=enabled",
    "restart": "Restart=enabled",
    "scale": "Scale=enabled",
})  # fmt: skip
"""How the template for a managed account is told of each pack."""


def require(account: Account, pack: Pack | WritePack) -> None:
    """Raises PermissionDenied where the account has the pack off, with how it is allowed."""
    if pack not in account.packs:
        undone = "nothing was changed" if pack in get_args(WritePack) else "that was not looked at"
        raise PermissionDenied(
            f"the pack {pack} is off for account {label(account)}, so {undone} there. To allow it, "
            f"deploy managed-account.yaml there with {PARAMETERS[pack]}, and name {pack} among `packs` of this account "
            "in the configuration",
            ours=True,
        )
