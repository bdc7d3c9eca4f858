cell c(x) {
		node n { from x }	# 世界
		out "世界" n
}
