"""A part of a query and its keys -> rows: in blocks, from memory, and the same but once."""
