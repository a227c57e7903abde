"""French date formats as used in Morocco: 24-hour clock with a colon, weeks from Monday."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y H:i"
FIRST_DAY_OF_WEEK = 1
