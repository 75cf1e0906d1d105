"""Results -> results in words that people use, with what was probably meant."""
