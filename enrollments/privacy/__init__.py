"""Personal data: what is kept and why, until when, who read it, exports, erasure and merged files."""
