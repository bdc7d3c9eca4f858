use primitives (tanh, linear)
use vision (conv, conv_bn)

cell rnn(x, state h) { node n { from x, h; op linear; merge add; then tanh }; out n }
cell wide(x, state h) { node n { from x, h; op linear; merge concat; width free }; out n }
cell maybe(x, state h) { node n { from x, h; op linear; merge add | concat; width free }; out n }

cell leveled(x, state h) { node n { from x, h; op linear; merge add }; out n by level }

net words { input sequence(8, 20); stage (width = 8) { rnn; leveled; wide } }
net lines { input sequence(8, 20); stage (width = 8) { maybe } }
net strided { input sequence(8, 20); stage (width = 8, stride = 2) { rnn } }
net pictures { input image(3, 32, 32); stem conv_bn(3, width = 8); stage (width = 8) { rnn } }
