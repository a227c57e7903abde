"""The facts and the timetable in the CMS: what editors read and word, what managers decide."""
