"""Projects made of blocks: Scratch, mBlock, LEGO."""
