"""Question and the world outside -> Answer and its account of what others were asked."""
