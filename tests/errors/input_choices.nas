use vision (conv_bn, classifier)

net a { input image(3 | 1.5, 32); head classifier(10) }
net b { input image(3, one of [0, 32]); head classifier(10) }
net c { input image(3, in); head classifier(10) }
net d { input image(3, 20000 | 32, 32); head classifier(10) }
net e { input image(height = 32); head classifier(10) }
net f { input sequence(3); head classifier(10) }
net h { input pyramid(levels = 3..4, widths = [8, 8], size = 0 | 640) }
