"""What is kept, on one table of DynamoDB."""
