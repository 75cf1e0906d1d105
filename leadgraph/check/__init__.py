"""Sources -> Report: what is wrong, and what to do."""
