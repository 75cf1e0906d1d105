"""Results -> Problems: the statement to blame, and its place in the text."""
