"""Linked things -> queries joined with other endpoints: requests, bytes and time beside peers."""
