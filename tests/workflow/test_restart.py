"""A stop of the laptop loses nothing: what was under way goes on, what waits for a person still waits."""

from __future__ import annotations

from pathlib import Path
from random import Random

import clouds
from conftest import ROOT, SEED, System, eventually
from gateway import Gateway, Seen

from cli.api.client import Client
from cli.api.connection import on_the_laptop
from cli.api.resuming import Resumed, resume_lost
from cli.laptop.deployments import NO_DEPLOYMENTS
from cli.laptop.system import down, up


def test_up_again_keeps_everything_and_resumes_what_lost_its_execution(tmp_path: Path) -> None:
    gateway = Gateway()
    cloud = clouds.random_cloud(Random(SEED + 1))
    (production,) = clouds.of_kind(cloud, "production")
    (staging,) = clouds.of_kind(cloud, "staging")
    under_way: list[Seen] = []

    def start() -> System:
        laptop = up(
            ROOT, tmp_path, lambda text: None, clouds.configuration(closed=False), cloud, environment, NO_DEPLOYMENTS
        )
        gateway.upstream = laptop.port
        return System(laptop, cloud, gateway)

    def notice(seen: Seen) -> None:
        if seen.operation == "ListClusters":
            under_way.append(seen)

    environment = {"AWS_ENDPOINT_URL": gateway.url}
    try:
        system = start()
        parked = system.ask("Stop the production environment")
        before = system.sizes(production.name)
        gateway.after = notice
        lost = system.start("stop staging", conversation="other")
        eventually(lambda: under_way)
        assert down(tmp_path, lambda text: None)

        system = start()
        assert system.sizes(production.name) == before
        machine = system.laptop.outputs["MachineArn"]
        resumed = resume_lost(system.client("stepfunctions"), machine, Client(on_the_laptop(system.laptop)))
        assert set(resumed) == {Resumed(parked["run_id"], parked["approval"]["id"]), Resumed(lost)}
        view = system.until(lost, "answered", seconds=120)
        assert view["outcome"] == "succeeded", view["answer"]
        assert set(system.sizes(staging.name).values()) == {0}
        approved = system.decide(system.view(parked["run_id"]), "approve")
        assert approved["outcome"] == "succeeded", approved["answer"]
        assert set(system.sizes(production.name).values()) == {0}
    finally:
        down(tmp_path, lambda text: None)
        gateway.close()
