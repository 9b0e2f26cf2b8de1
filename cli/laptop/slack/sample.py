"""The Slack of the laptop as it is at first: workspaces, people and channels, from one YAML file."""

from __future__ import annotations

from pathlib import Path

import yaml

from cli.laptop.slack.world import Channel, State, User, Workspace

SAMPLE = Path(__file__).parents[3] / "samplefiles" / "chat.yaml"


def read_sample(path: Path = SAMPLE) -> State:
    """Members are named by handle there, and "all" is everybody of the workspace who is no guest."""
    told = yaml.safe_load(path.read_text())
    state = State()
    for one in told["workspaces"]:
        workspace = Workspace.model_validate(one)
        state.workspaces[workspace.id] = workspace
    for one in told["users"]:
        user = User.model_validate(one)
        state.users[user.id] = user
    handles = {user.name: user.id for user in state.users.values()}
    for one in told["channels"]:
        channel = Channel.model_validate({**one, "members": []})
        for member in one["members"]:
            if member == "all":
                channel.members += [
                    user.id
                    for user in state.users.values()
                    if user.team == channel.team
                    and not (user.is_restricted or user.is_ultra_restricted or user.is_bot or user.deleted)
                ]
            else:
                channel.members.append(handles[member])
        state.channels[channel.id] = channel
    return state
