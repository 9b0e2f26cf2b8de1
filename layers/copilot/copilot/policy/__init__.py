"""Who may do what: the policies and what they speak of."""
