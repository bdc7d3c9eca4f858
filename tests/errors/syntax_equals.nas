param N == 6
require params = 3M

net a { head classifier(10) }
