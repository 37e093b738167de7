"""What the pipeline does: every side effect, in nine rooms, one way down.

cli → orchestration → refresh → feedback | releases → intake → documents | stores → core
"""
