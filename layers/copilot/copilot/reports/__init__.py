"""What a report is, and the forms it is given in: a page, tables, a picture of its charts, a document. Pure."""
