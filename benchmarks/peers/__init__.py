"""The same sources done otherwise, for comparison: bare Polars, pandas with Great Expectations, dbt, Dagster.

Each is what somebody would write for these sources alone, and shares no code with the pipeline. It reads both cycles
of an inbox, as a refresh into a new store does, checks the rows by the same rules, splits them, makes the same tables
and figures, and writes them. What it leaves out, the pipeline has beyond it: rules on files and on lines that are too
short or too long, lineage, findings in words, suppression, a release that is whole or not there, the report.
"""
