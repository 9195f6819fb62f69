"""Benchmarks: ratios beside a peer in the same run, never timed tests."""
