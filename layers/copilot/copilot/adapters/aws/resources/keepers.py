"""Who else keeps an instance, a group or a service as it is, as far as its tags say: stopping it would not last.

Karpenter, EMR, Batch, a fleet that is maintained and the like start another for each that is stopped, or start it
again. Sources: Karpenter ("NodePools", tags it adds), EKS User Guide ("Tag your resources", managed nodes), Kubernetes
(the tag kubernetes.io/cluster/NAME is `owned` on what lives and dies with the cluster), Cluster API (AWS provider), EC2
User Guide (EC2 Fleet, Spot Fleet), EMR ("Tag clusters"), Elastic Beanstalk ("Tagging resources"), OpsWorks ("Auto
healing"), RDS Custom ("Support perimeter": its machines are tagged AWSRDSCustom), ParallelCluster ("Tags"), AWS Batch,
Spot by Flexera, Crossplane and AWS Controllers for Kubernetes. A tag such as karpenter.sh/discovery, which only says
where to look for subnets, or kubernetes.io/cluster/NAME = shared, says nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from copilot.text.outside import quoted

FLEET_TAG = "aws:ec2:fleet-id"


class Keeper(NamedTuple):
    """`tag` and `value` are patterns, in which `*` may be anything. `words` may name the {value}, or as {rest} what the
    pattern of the tag leaves open."""

    tag: str
    words: str
    value: str = "*"


ELASTIC_BEANSTALK = "*elasticbeanstalk:environment-*"
CLUSTER_API = "sigs.k8s.io/cluster-api-provider-aws/*"

OF_INSTANCES = (
    Keeper("karpenter.sh/nodepool", "a node of Karpenter's node pool {value}, which starts another in its place"),
    Keeper(
        "karpenter.sh/provisioner-name", "a node of Karpenter's provisioner {value}, which starts another in its place"
    ),
    Keeper("karpenter.sh/nodeclaim", "a node of Karpenter, which starts another in its place"),
    Keeper("karpenter.sh/managed-by", "a node of Karpenter, which starts another in its place"),
    Keeper("karpenter.k8s.aws/ec2nodeclass", "a node of Karpenter, which starts another in its place"),
    Keeper("eks:nodegroup-name", "in the EKS node group {value}, which replaces it"),
    Keeper("eks:cluster-name", "a node of the EKS cluster {value}, which is up to that cluster"),
    Keeper("eks:eks-cluster-name", "a node of the EKS cluster {value}, which is up to that cluster"),
    Keeper("aws:eks:cluster-name", "a node of the EKS cluster {value}, which is up to that cluster"),
    Keeper(CLUSTER_API, "a machine that Cluster API keeps, which replaces it"),
    Keeper("kubernetes.io/cluster/*", "a node of the Kubernetes cluster {rest}, which is up to that cluster", "owned"),
    Keeper(FLEET_TAG, "in the EC2 Fleet {value}, which would replace it"),
    Keeper("aws:ec2spot:fleet-request-id", "in the Spot Fleet {value}, which would replace it"),
    Keeper("aws:elasticmapreduce:*", "a node of an EMR cluster, which EMR keeps; it cannot be stopped by itself"),
    Keeper("AWSBatchServiceTag", "in a compute environment of AWS Batch, which replaces it"),
    Keeper("AmazonECSManaged", "a container instance that ECS keeps, which replaces it"),
    Keeper(ELASTIC_BEANSTALK, "in an environment of Elastic Beanstalk, which replaces it"),
    Keeper("opsworks:instance", "an instance of OpsWorks, which heals what it finds stopped"),
    Keeper("opsworks:stack", "an instance of the OpsWorks stack {value}, which heals what it finds stopped"),
    Keeper("AWSRDSCustom", "the machine of a database of RDS Custom, which has to be stopped as that database"),
    Keeper("spotinst:*", "an instance that Spot (Elastigroup, Ocean) keeps, which replaces it"),
    Keeper("parallelcluster:node-type", "a compute node of ParallelCluster, which replaces it", "Compute"),
    Keeper("aws-parallelcluster-node-type", "a compute node of ParallelCluster, which replaces it", "Compute"),
    Keeper("AWSElasticDisasterRecoveryManaged", "a server of Elastic Disaster Recovery, which replaces it"),
    Keeper("AWSApplicationMigrationServiceManaged", "a server of Application Migration Service, which replaces it"),
)

RECONCILERS = (
    Keeper("services.k8s.aws/*", "its size is up to an AWS controller for Kubernetes"),
    Keeper("crossplane-name", "its size is up to Crossplane"),
)
"""What writes the sizes of groups and services again and again as Kubernetes has them."""

OF_GROUPS = (
    Keeper("eks:nodegroup-name", "its size is up to EKS"),
    Keeper("eks:cluster-name", "its size is up to EKS"),
    Keeper("AmazonECSManaged", "its size is up to ECS"),
    Keeper("AWSBatchServiceTag", "its size is up to AWS Batch"),
    Keeper(ELASTIC_BEANSTALK, "its size is up to Elastic Beanstalk"),
    Keeper(CLUSTER_API, "its size is up to Cluster API"),
    *RECONCILERS,
)


def kept_by(keepers: Sequence[Keeper], tags: Mapping[str, str]) -> str:
    """Who keeps what has these tags, in words; "" where nobody is known to. The first of the keepers counts."""
    for keeper in keepers:
        for tag, value in tags.items():
            if fnmatchcase(tag, keeper.tag) and fnmatchcase(value, keeper.value):
                rest = tag.removeprefix(keeper.tag.rstrip("*"))
                return keeper.words.format(value=quoted(value), rest=quoted(rest))
    return ""
