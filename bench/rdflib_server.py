"""N-Quads file and port -> rdflib-endpoint on that port; run by the bench's own Python.

Its command line makes the default graph a union of all graphs; our data needs them apart.
"""

from __future__ import annotations

import sys

import uvicorn  # type: ignore[import-not-found]  # only where this runs
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint  # type: ignore[import-not-found]

dataset = Dataset(default_union=False)
dataset.parse(sys.argv[1], format="nquads")
app = SparqlEndpoint(graph=dataset, path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
