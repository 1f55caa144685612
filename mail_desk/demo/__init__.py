"""A pretend world: servers, enterprises, staff and a leader in one process."""
