"""The tests. Each file checks one behaviour; expected numbers come from tests/answers."""
