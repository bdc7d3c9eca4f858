use "other.nas" (other)
block circle { other }
