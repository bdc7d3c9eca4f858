node n { from x }
