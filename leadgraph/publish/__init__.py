"""Sources -> Release: what was checked, merged, named, inferred and written once."""
