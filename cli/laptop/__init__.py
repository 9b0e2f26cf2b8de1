"""The whole system on one laptop: MiniStack as its AWS, the template deployed to it, the sample cloud in it.

`cli.laptop.system` has `up` and `down`; they import boto3, so they are not imported here.
"""
