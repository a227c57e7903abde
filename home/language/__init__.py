"""Language: dates, hours and money in words, folded search words,
and keys that find a name in either script.
"""
