"""What stands in an editor -> problems, hover, mends; the only user of pygls."""
