use primitives (tanh, linear)
use vision (conv)

cell two(x, state h, state g) { node n { from x, h; op linear; merge add }; out n }
cell alone(state h) { node n { from h; op linear }; out n }
cell rnn(x, state h) { node n { from x, h; op linear; merge add; then tanh }; out n }

net words { input sequence(8, 20); stage (width = 8) { rnn } }
