"""Amazon Web Services as a Platform: services of ECS, instances of EC2, databases of RDS, over accounts and regions."""
