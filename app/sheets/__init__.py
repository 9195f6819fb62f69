"""Workbooks in and out: read in a child process with narrow limits (reading.py), written so that nothing in them acts
(writing.py)."""
