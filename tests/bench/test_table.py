"""The bench's own arithmetic: what is compared with what, and which figure fails the run."""

import runpy
from xml.etree import ElementTree

import pytest

from tests.bench import growth, inside, report, table, trees
from tests.bench.table import OLDER, SAME_RUN, Row, lines_of, ratio_of, verdict


@pytest.mark.parametrize(
    ("figure", "said"),
    [(0.4, "held"), (0.4001, "MISSED"), (0.3, "reached"), (0.31, "held"), (0.0, "reached")],
)
def test_a_ratio_is_judged_at_its_bounds(figure, said):
    assert verdict(Row("x", "x", OLDER, 0.4, 0.3), 99, figure) == said


@pytest.mark.parametrize(("figure", "said"), [(0.42, "held"), (0.41, "MISSED"), (0.5, "reached")])
def test_what_must_be_large_is_judged_the_other_way(figure, said):
    assert verdict(Row("x", "x", SAME_RUN, 0.42, 0.5, least=True), figure, None) == said


def test_a_ratio_to_an_older_commit_is_only_told_when_there_is_none():
    assert verdict(Row("x", "x", OLDER, 0.4, 0.3), 99, None) == ""


def test_a_time_never_fails():
    assert verdict(Row("x", "x"), 1e9, 50) == ""


def test_zero_queries_is_a_bound_and_not_the_absence_of_one():
    row = Row("x", "x", SAME_RUN, 0, 0)
    assert [verdict(row, queries, None) for queries in (0, 1)] == ["reached", "MISSED"]


def test_the_ratio_is_taken_round_by_round():
    """The second round ran on a busy machine: both trees were slow, and the ratio is what it was."""
    assert ratio_of([1, 40, 2], [2, 80, 4]) == 0.5
    assert ratio_of([1, 2], []) is None
    assert ratio_of([1, 2], [0, 4]) == 0.5


def test_a_figure_that_was_not_measured_has_no_line():
    assert lines_of([{}], []) == []
    assert [line.row.figure for line in lines_of([{"RSS": 10.0}, {}], [])] == ["RSS"]


def test_the_middle_round_counts_but_for_what_may_never_happen():
    rounds = [{"kept course ÷ bare": value, "rush, wrong answers": wrong} for value, wrong in
              ((0.9, 0), (0.5, 0), (0.7, 3))]  # fmt: skip
    found = {line.row.figure: line for line in lines_of(rounds, [])}
    assert (found["kept course ÷ bare"].here, found["kept course ÷ bare"].missed) == (0.7, False)
    assert (found["rush, wrong answers"].here, found["rush, wrong answers"].missed) == (3, True)


def test_fewer_places_in_one_round_fail():
    rounds = [{"rush, places given": places} for places in (360, 359, 360)]
    assert [line.missed for line in lines_of(rounds, [])] == [True]


def test_each_figure_is_one_row_and_every_bound_has_a_kind():
    assert len({row.figure for row in table.ROWS}) == len(table.ROWS)
    assert all((row.must is None) == (row.kind == table.TOLD) for row in table.ROWS)
    assert all(
        row.aim is None or (row.aim >= row.must if row.least else row.aim <= row.must) for row in table.ROWS
    )


def test_the_table_names_the_missed_row():
    shown = table.shown(lines_of([{"path": 30.0}], [{"path": 60.0}]), "abc1234")
    assert [line.split()[-1] for line in shown.splitlines() if "parent's path" in line] == ["MISSED"]
    assert "abc1234" in shown.splitlines()[0]


@pytest.mark.parametrize(
    ("queries", "cpu", "said"),
    [(5, 13.0, ""), (5, 13.1, "CPU"), (6, 10.0, "QUERIES"), (6, 14.0, "QUERIES and CPU"), (4, 1.0, "")],
)
def test_a_page_grows_when_it_asks_more_or_works_more(queries, cpu, said):
    assert growth.judge({"queries": 5, "cpu": 10.0}, {"queries": queries, "cpu": cpu}) == said


@pytest.mark.parametrize(
    ("file", "group"),
    [
        ("/x/site-packages/django/db/models/sql/compiler.py", "SQL made by Django"),
        ("/x/site-packages/django/db/models/query.py", "querysets and rows"),
        ("/x/site-packages/django/template/base.py", "templates"),
        ("/x/site-packages/django/forms/fields.py", "forms"),
        ("/x/site-packages/wagtail/models/sites.py", "Wagtail"),
        ("/y/enrollments/places/admission.py", "our code: enrollments"),
        ("/y/academy/cache.py", "our code: academy"),
        ("~", "built in"),
        ("/usr/lib/python3.11/functools.py", "other"),
    ],
)
def test_a_function_belongs_to_the_group_of_its_file(file, group):
    assert inside.group_of(file) == group


def test_the_time_of_a_built_in_goes_to_who_called_it():
    ours, django = ("/y/home/menu.py", 1, "menu"), ("/z/django/template/base.py", 2, "render")
    built_in = ("~", 0, "<built-in method len>")
    called = {ours: (1, 1, 0.25, 0.25), django: (1, 1, 0.75, 0.75)}
    stats = {ours: (1, 1, 1.0, 1.25, {}), django: (1, 1, 2.0, 4.0, {}), built_in: (2, 2, 1.0, 1.0, called)}
    assert inside.by_group(stats) == {"our code: home": 1.25, "templates": 2.75}


def test_a_step_goes_where_the_one_before_it_led():
    pages = {
        "POST": {"name": "POST", "pages": [{"cookies": "a", "path": "/"}, {"cookies": "b", "path": "/"}]}
    }
    told = {"POST": {"led_to": ["https://x.example/fr/1/?y", "/fr/2/"]}}
    assert inside.following({"name": "after it", "after": "POST"}, told, pages)["pages"] == [
        {"cookies": "a", "path": "/fr/1/"},
        {"cookies": "b", "path": "/fr/2/"},
    ]


def test_a_process_of_a_tree_sees_only_its_own_modules(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://other")
    tree = trees.Tree("73b-1", tmp_path, "python")
    assert tree.label == "73b_1"
    given = tree.environment(A="b")
    assert (given["PYTHONPATH"], given["PYTHONSAFEPATH"], given["A"]) == (str(tmp_path), "1", "b")
    assert "DATABASE_URL" not in given


def test_a_tree_without_settings_of_gunicorn_is_served_with_our_values(tmp_path, monkeypatch):
    """Not with our hooks: they import modules that an older commit does not have."""
    monkeypatch.setattr(trees, "KEPT", tmp_path / "kept")
    ours = trees.here().gunicorn_settings
    assert ours == trees.ROOT / "academy" / "deploy" / "gunicorn.conf.py"
    given, whole = (
        runpy.run_path(trees.Tree("old", tmp_path, "python").gunicorn_settings),
        runpy.run_path(ours),
    )
    hooks = {name for name, one in whole.items() if callable(one) and not name.startswith("__")}
    assert hooks >= {"when_ready", "post_fork"}
    assert {name for name in whole if not name.startswith("__")} - set(given) == hooks
    assert given["preload_app"] and given["threads"] == whole["threads"]
    own = tmp_path / "academy" / "deploy" / "gunicorn.conf.py"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert trees.Tree("old", tmp_path, "python").gunicorn_settings == own


def test_a_run_is_written_between_its_two_comments_and_nowhere_else(tmp_path, monkeypatch):
    page, curves = tmp_path / "page.md", tmp_path / "growth.svg"
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "CURVES", curves)
    page.write_text("by hand\n<!-- growth -->\nold\n<!-- end of growth -->\nafter\n")
    columns = {
        name: {"people": {"cpu": 10.0 * (turn + 1), "queries": 7, "bytes": 1}}
        for turn, name in enumerate(growth.WORLDS.values())
    }
    for _time in range(2):
        report.write("growth", report.growth(columns))
        said = page.read_text()
        assert said.startswith("by hand\n<!-- growth -->\nMeasured ") and said.endswith(
            "<!-- end of growth -->\nafter\n"
        )
        assert "| people | 10.0, 7 | 20.0, 7 | 30.0, 7 | 40.0, 7 | 50.0, 7 |" in said and "old" not in said
    drawn = ElementTree.fromstring(curves.read_text())
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert words[-3:] == ["people", "3.00 ×", "5.00 ×"]
    with pytest.raises(SystemExit, match="no place for table"):
        report.write("table", "x")
