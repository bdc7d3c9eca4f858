Dear network, please be good.
