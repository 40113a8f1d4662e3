"""The one place where the islands meet: what a job on a recording is."""
