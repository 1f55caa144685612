"""Scripts that are copied out of the package and must run without it, on any Python 3.9 or newer."""
