"""Query text -> its tree: where groups and SERVICEs begin and end, and what is in scope."""
