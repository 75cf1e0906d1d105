"""SHACL: data and shapes -> results, as pySHACL finds them."""
