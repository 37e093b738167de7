"""Small changes to the code, one at a time: of each, one of the tests of `make test-fast` has to notice something.

python -m tests.mutations --marks "not slow" --of transforms=300 --of expectations=100 --seed 0
"""
