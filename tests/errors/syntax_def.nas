def layer(k):
    return conv(k)

param N = 6
