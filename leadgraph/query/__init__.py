"""Question -> Answer: the engine and the way to it."""
