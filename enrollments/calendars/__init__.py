"""Calendar files of classes and the private addresses that serve them."""
