"""What runs on SQLite only, unless THOROUGH=1: no database decides its outcome, so the second run on
PostgreSQL would repeat the first.

A module that is not listed runs on both. Leave out of the list whatever rests on locks, constraints,
triggers, ordering, comparison of text, SQL of our own, what a database refuses (NUL, numbers out of range) or
how long rows are kept. The pages themselves are seen on PostgreSQL by tests/test_bad_input.py, which asks
every route, and tests/academy/test_demonstration.py, which reads every page.
"""

RENDERING = "renders rows that other modules write and read on both databases"
RIGHTS = "who may do what is decided in Python; tests/test_bad_input.py asks the same routes on both"
PURE = "calculates; reads no rows, or the few it made"
CMS = "screens of Wagtail over its own models; our queries behind them are in the modules of their subject"
PROCESS = "settings, headers, caches or source files; no rows"

# A module, or a test of a module, and why once is enough.
ONCE = {
    "tests/academy/test_account_words.py": "the pages of allauth over its own models",
    "tests/academy/test_accounts.py": "the flows of allauth over its own models",
    "tests/academy/test_sign_up.py": "the flows of allauth over its own models",
    "tests/academy/test_checks.py": PROCESS,
    "tests/academy/test_furnish.py::test_any_day_makes_a_liveable_academy": "the calendar of the demonstration; furnished on both",
    "tests/academy/test_demo_pages.py": "the words of the demonstration; furnished on both",
    "tests/academy/test_furnish.py::test_a_run_that_was_killed_is_finished_by_the_next": "by what each step finds done",
    "tests/academy/test_furnish.py::test_the_same_day_makes_the_same_academy": "chance in Python; furnished on both",
    "tests/academy/test_mailbox.py": PROCESS,
    "tests/academy/test_middleware.py": PROCESS,
    "tests/academy/test_visitor_cache.py": PROCESS,
    "tests/home/test_shared.py": PROCESS,
    "tests/academy/test_rate_limits.py": PROCESS,
    "tests/academy/test_settings.py": PROCESS,
    "tests/courses/test_ages.py": PURE,
    "tests/courses/test_cms.py": CMS,
    "tests/courses/test_pages.py": RENDERING,
    "tests/courses/test_session_screen.py": CMS,
    "tests/courses/test_standing.py": PURE,
    "tests/courses/test_structured.py": RENDERING,
    "tests/courses/test_timetable_screen.py": CMS,
    "tests/enrollments/test_ahead.py": RENDERING,
    "tests/academy/test_lesson_texts.py": PURE,
    "tests/courses/test_listings.py": PURE,
    "tests/courses/test_skill_map.py": PURE,
    "tests/enrollments/test_block_files.py": PURE,
    "tests/enrollments/test_readings.py": PURE,
    "tests/enrollments/test_reader_limits.py": PURE,
    "tests/enrollments/test_picture_files.py": PURE,
    "tests/enrollments/test_model_files.py": PURE,
    "tests/enrollments/test_hostile_files.py": PURE,
    "tests/enrollments/test_code_files.py": PURE,
    "tests/academy/test_log.py": PROCESS,
    "tests/courses/test_code_blocks.py": PURE,
    "tests/courses/test_joining_price.py": PURE,
    "tests/enrollments/test_lesson_faces.py": RENDERING,
    "tests/enrollments/test_price_lines.py": PURE,
    "tests/enrollments/test_sending.py::test_a_line_that_is_an_address_carries_the_words_before_it": PURE,
    "tests/enrollments/test_sending.py::test_each_kind_has_both_parts_in_the_readers_direction_and_no_medical_word": PURE,
    "tests/enrollments/test_sending.py::test_every_kind_is_read_in_three_languages_before_anybody_gets_one": RENDERING,
    "tests/enrollments/test_sending.py::test_every_letter_says_what_was_read_and_approved": PURE,
    "tests/enrollments/test_sending.py::test_no_word_and_no_second_link_of_a_line_is_lost": PURE,
    "tests/enrollments/test_term_reports.py": RENDERING,
    "tests/enrollments/test_workplace.py": RENDERING,
    "tests/first_season/test_words.py::test_case_42b_every_name_can_be_printed": PURE,
    "tests/home/test_addresses.py": PURE,
    "tests/home/test_unbroken.py": PURE,
    "tests/enrollments/test_calendars.py": RENDERING,
    "tests/enrollments/test_classwork.py": RENDERING,
    "tests/enrollments/test_consents.py::AnyNoWins": PURE,
    "tests/enrollments/test_days.py": RENDERING,
    "tests/enrollments/test_enroll_page.py": RENDERING,
    "tests/enrollments/test_family.py": RENDERING,
    "tests/enrollments/test_letters.py": RENDERING,
    "tests/enrollments/test_office_families.py": RENDERING,
    "tests/enrollments/test_papers.py": RENDERING,
    "tests/enrollments/test_policies.py": RENDERING,
    "tests/enrollments/test_project_files.py::test_the_shown_name_has_no_folder_and_nothing_unseen_and_says_what_the_file_is": PURE,
    "tests/enrollments/test_project_files.py::test_a_link_is_https_with_a_host_that_can_be_read": PURE,
    "tests/enrollments/test_project_files.py::test_any_other_address_is_refused": PURE,
    "tests/enrollments/test_refusals.py": PURE,
    "tests/enrollments/test_register_page.py": RENDERING,
    "tests/enrollments/test_skills_door.py": PURE,
    "tests/enrollments/test_staff_rooms.py": RENDERING,
    "tests/enrollments/test_team.py": RENDERING,
    "tests/enrollments/test_writing.py": RENDERING,
    "tests/academy/test_dependencies.py": PROCESS,
    "tests/academy/test_new_device.py": "emails and cookies of the login, over allauth's models",
    "tests/academy/test_promises.py": PROCESS,
    "tests/courses/test_one_page.py": CMS,
    "tests/enrollments/test_letters_on_paper.py": "draws paper; no rows",
    "tests/home/test_alternative_text.py": CMS,
    "tests/home/test_closed.py": CMS,
    "tests/home/test_cms_account.py": CMS,
    "tests/home/test_devices.py": PURE,
    "tests/home/test_documents.py": "judges files; no rows",
    "tests/home/test_elision.py": PURE,
    "tests/home/test_lists.py": PROCESS,
    "tests/home/test_photos.py": "judges files; no rows",
    "tests/test_dead_links.py": RIGHTS,
    "tests/test_french_arabic.py": PROCESS,
    "tests/home/test_cms.py": CMS,
    "tests/home/test_contact.py": "sends an email and counts in the cache; writes no rows",
    "tests/home/test_folding.py": PURE,
    "tests/home/test_spelling.py": PURE,
    "tests/home/test_name_keys.py": PURE,
    "tests/home/test_pages.py": RENDERING,
    "tests/home/test_phones.py": PURE,
    "tests/home/test_refusals.py": PROCESS,
    "tests/races/test_rush.py::test_the_embedded_server_serves_eight_at_once": "tests SQLite as `make run` uses it",
    "tests/home/test_words.py": PURE,
    "tests/home/test_typed_dates.py": PURE,
    "tests/academy/test_known_device.py": "counts in the cache",
    "tests/academy/test_cache.py": PROCESS,
    "tests/test_types.py": PROCESS,
    "tests/test_documents.py": PROCESS,
    "tests/test_house.py": PROCESS,
    "tests/test_layers.py": PROCESS,
    "tests/test_pages.py": PROCESS,
    "tests/test_templates.py": PROCESS,
    "tests/test_styles.py": PROCESS,
    "tests/test_javascript.py": PROCESS,
    "tests/test_english.py": PROCESS,
    "tests/test_suite.py": PROCESS,
    "tests/bench/test_table.py": PURE,
    "tests/test_links.py": "that looking writes nothing is decided by the views",
    "tests/test_matrix.py": RIGHTS,
}

# Tests of the modules above that a database does decide.
BOTH = {
    "tests/academy/test_accounts.py::test_a_known_and_an_unknown_address_get_the_same_answer": "compares text without its case",
    "tests/academy/test_accounts.py::test_a_code_goes_before_a_thousand_letters_and_nobody_of_the_team_reads_it": "order and locks",
}


def runs_once(node: str) -> bool:
    """Whether the list names this test, by its module or by its function."""
    test = node.partition("[")[0]
    module, function = "::".join(test.split("::")[:1]), "::".join(test.split("::")[:2])
    return test not in BOTH and bool({test, module, function} & ONCE.keys())
