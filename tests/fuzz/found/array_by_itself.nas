# gives: nothing. The text of a genotype named an element of an array as its net, and could not be read back.
use vision (identity, sep_conv)
motif m[2](x) { node n[2] { from one of earlier; op identity | sep_conv(3); merge add }; out add(n) }
