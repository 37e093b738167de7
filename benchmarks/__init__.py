"""Time and memory of a refresh on the sample: `make bench`, or `python -m benchmarks` from the checkout."""
