param N = 6
}
param C = 16
