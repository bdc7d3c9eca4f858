"""The shipped spaces against the papers: sizes, parameters, multiply-adds and outputs of published networks."""
