use vision (conv_bn, sep_conv, classifier)

hyper lr = one of [0.1, 0.1]
hyper in_width = in * 2
hyper epochs = conv_bn(3)
hyper lr = 3

net a { input image(3, 32); stem conv_bn(lr, width = 8); head classifier(10) }
