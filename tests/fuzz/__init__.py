"""Fuzzing: inputs made by mutating spaces at three levels, each tried from its bytes to a network.

    python -m tests.fuzz --count 200000 --workers 2

Input number `index` of a seed is always the same one, so that whatever is found can be made again.
"""
