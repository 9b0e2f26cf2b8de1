"""What is sent outside the chat: by mail, to topics of SNS, to web hooks."""
