"""A dbt project, and how it is run."""
