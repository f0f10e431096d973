"""Tests of zero abnormal return over many events, and adjustments for testing often."""
