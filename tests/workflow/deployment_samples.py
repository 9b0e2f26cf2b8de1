"""Random deployments for the laptop's system, with one cause that makes them slower."""

from __future__ import annotations

from random import Random

from cli.laptop.deployments import DeploymentSample

STAGES = ("queue", "build", "push", "deploy", "health check")


def random_sample(random: Random) -> DeploymentSample:
    services = ["s" + "".join(random.choices("klmnopqr", k=6)) for _ in range(3)]
    return DeploymentSample.model_validate(
        {
            "seed": random.randrange(10**6),
            "repeated": 15,
            "services": [
                {
                    "service": service,
                    "environment": random.choice(["production", "staging"]),
                    "weekly": random.randint(18, 22) if reports == "at-end" else 4,
                    "reports": reports,
                    "failed": 8,
                    "cancelled": 5,
                    "spread": 0.12,
                    "stages": {stage: random.uniform(15, 240) for stage in STAGES},
                }
                for service, reports in zip(services, ["at-end", "at-end", "as-it-goes"], strict=True)
            ],
            "slower": {
                "service": random.choice(services[:2]),
                "stage": random.choice(STAGES),
                "times": random.uniform(2, 4),
                "days_ago": random.randint(3, 6),
            },
        }
    )
