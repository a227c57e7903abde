"""Calendar files of classes and the private addresses they are read at."""
