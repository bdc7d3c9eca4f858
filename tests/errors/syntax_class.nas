class Normal(Cell):
    pass
