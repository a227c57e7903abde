"""Paper and files to print or open: PDF sheets and spreadsheets."""
