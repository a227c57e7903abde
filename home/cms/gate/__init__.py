"""The gate before publication: what is wrong with a page, what needs a reason, and where it is listed."""
