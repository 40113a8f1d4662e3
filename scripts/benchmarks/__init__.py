"""The parts of scripts/bench.py: inputs, measuring, sections, tables."""
