"""Course data and timetable in the CMS: editors read and translate, managers decide."""
