"""Files and the graph around -> as much of it as matters to them, and what was found before."""
