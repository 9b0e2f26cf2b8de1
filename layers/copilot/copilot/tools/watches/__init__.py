"""Having something looked at again and again, and being told when it comes to be so."""
