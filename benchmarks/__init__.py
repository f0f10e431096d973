"""Benchmarks and calibration: each module is run by itself."""
