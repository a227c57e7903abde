"""The recipe of academy/deploy: its files agree with each other and with what the site reads, and systemd
takes them, where it is here.
"""

import configparser
import re
import shutil
import subprocess

import pytest
import yaml
from django.conf import settings

from tests.test_documents import first_cells

RECIPE = settings.BASE_DIR / "academy" / "deploy"
UNITS = RECIPE / "systemd"
PROGRAMS = ("academy-web.service", "academy-worker.service", "academy-tasks.service")
OTHER_USES = {"DEMO", "DEBUG", "TESTING", "PORT"}  # operations.md: not for production
OF_CLIENTS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}  # read by the client of the buckets
HOST = re.compile(r"^[\w.-]+\.[a-z]{2,}(:\d+)?/")


def compose() -> dict:
    return yaml.safe_load((RECIPE / "compose.yaml").read_text())


def of_the_units() -> set[str]:
    """The variables of environment.example, those that it only shows included."""
    return set(re.findall(r"(?m)^#?([A-Z_]+)=", (RECIPE / "environment.example").read_text()))


def of_gunicorn() -> set[str]:
    said = (RECIPE / "gunicorn.conf.py").read_text()
    return set(re.findall(r'os\.environ(?:\.get\(|\[)"([A-Z_]+)"', said))


def unit(name: str) -> configparser.ConfigParser:
    """A unit with its drop-in, as systemd joins them; the last of several values stands for all."""
    read = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    read.optionxform = str
    read.read([UNITS / name, UNITS / "academy-.service.d" / "hardening.conf"])
    return read


# ---- one list of variables


def test_the_units_and_the_containers_have_the_variables_that_the_site_reads():
    read_by_site = set(first_cells("Variables")) - OTHER_USES  # the table is compared with the code
    assert of_the_units() == read_by_site | of_gunicorn() | OF_CLIENTS
    services = compose()["services"]
    assert set(services["web"]["environment"]) == of_the_units()
    assert services["worker"]["environment"] == services["web"]["environment"]


def test_what_production_cannot_do_without_is_set_and_no_secret_is_in_the_example():
    said = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", (RECIPE / "environment.example").read_text()))
    text = (settings.BASE_DIR / "academy/docs/operations.md").read_text()
    required = set(re.findall(r"(?m)^\| `([A-Z_]+)` \| yes \|", text))
    assert required <= set(said) and len(required) == 7
    secret = {name for name in said if re.search("KEY|PASSWORD|_USER", name)}
    assert {said[name] for name in secret} == {"replace-me"} and len(secret) >= 4


def test_containers_are_names_of_images_and_run_what_the_units_run():
    services = compose()["services"]
    assert all("build" not in one and not HOST.match(one["image"]) for one in services.values())
    for name in ("web", "worker", "tasks"):
        started = unit(f"academy-{name}.service")["Service"]["ExecStart"]
        assert started == f"/srv/academy/app/{services[name]['command']}"
        stopped = unit(f"academy-{name}.service")["Service"]["TimeoutStopSec"]
        assert services[name]["stop_grace_period"] == f"{stopped}s"


# ---- units


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_unit_may_write_in_its_data_folder_and_become_nothing_else(name):
    service = unit(name)["Service"]
    assert (service["User"], service["CapabilityBoundingSet"], service["NoNewPrivileges"]) == (
        "academy",
        "",
        "yes",
    )
    assert (service["ProtectSystem"], service["ReadWritePaths"]) == ("strict", "/srv/academy/data")
    own = [line for line in (UNITS / name).read_text().splitlines() if line.startswith("ReadWritePaths=")]
    assert own == (["ReadWritePaths=-/srv/academy/backups"] if "worker" in name else []), "added to those"
    assert (service["Restart"], service["EnvironmentFile"]) == ("always", "/etc/academy/environment")


@pytest.mark.systemd
def test_systemd_takes_the_units_and_finds_little_exposed(tmp_path):
    system = tmp_path / "etc/systemd/system"
    shutil.copytree(UNITS, system)
    for program in ("gunicorn", "python"):
        file = tmp_path / "srv/academy/app/.venv/bin" / program
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o755)
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    analyze = ["systemd-analyze", f"--root={tmp_path}"]
    for name in PROGRAMS:
        done = subprocess.run([*analyze, "verify", name], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        found = subprocess.run(
            [*analyze, "security", "--offline=true", "--no-pager", name], capture_output=True, text=True
        )
        exposed = re.search(r"exposure level for .*: ([\d.]+)", found.stdout)
        assert exposed and float(exposed[1]) <= 1.5, found.stdout[-300:]


# ---- nginx


def nginx() -> str:
    return (RECIPE / "nginx.conf").read_text()


def test_what_clients_say_about_themselves_is_dropped():
    forged = (
        "Forwarded X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Server X-Forwarded-Ssl "
        "X-Real-IP X-Original-URL X-Rewrite-URL Proxy"
    ).split()
    for name in forged:
        assert f'proxy_set_header {name} "";' in nginx()
    for name, own in {
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Request-ID": "$request_id",
    }.items():
        assert f"proxy_set_header {name} {own};" in nginx()
    inside = [block for block in re.findall(r"location [^{]+\{([^}]*)\}", nginx()) if "proxy_pass" in block]
    assert len(inside) == 2 and not any("proxy_set_header" in block for block in inside), "all are inherited"


def test_the_page_of_the_web_server_says_what_the_sites_page_says():
    def sentences(path):
        words = re.sub(r"<!--.*?-->|{[%#].*?[%#]}|{{.*?}}|<[^>]+>", "\n", path.read_text(), flags=re.S)
        return {" ".join(part.split()) for part in re.split(r"\n\s*\n", words) if part.strip()}

    own = sentences(RECIPE / "busy.html")
    assert len(own) == 7 and own < sentences(settings.BASE_DIR / "templates" / "503.html")
    assert "http" not in (RECIPE / "busy.html").read_text(), "nothing is fetched from anywhere"


def test_it_waits_longer_for_a_node_than_a_node_may_take():
    said = (RECIPE / "gunicorn.conf.py").read_text()
    graceful, limit = (
        int(re.search(rf"(?m)^{name} = (\d+)", said)[1]) for name in ("graceful_timeout", "timeout")
    )
    waits = int(re.search(r"proxy_read_timeout (\d+)s;", nginx())[1])
    stops = int(unit("academy-web.service")["Service"]["TimeoutStopSec"])
    assert waits > limit and stops > graceful


# ---- data


def test_the_pooler_keeps_what_the_site_prepares_and_the_role_has_the_lock_timeout():
    pool = configparser.ConfigParser()
    pool.read(RECIPE / "pgbouncer.ini")
    assert pool["pgbouncer"]["pool_mode"] == "session"
    assert "options" in pool["pgbouncer"]["ignore_startup_parameters"].split(",")
    assert set(pool["databases"]) == {"academy", "academy_replica"}
    assert "ALTER ROLE academy SET lock_timeout = '3s'" in (RECIPE / "postgresql.sql").read_text()
    for name in set(pool["databases"]):
        assert f"/{name}\n" in (RECIPE / "environment.example").read_text()


def test_a_full_redis_lets_go_of_pages_before_counters_and_writes_nothing():
    said = (RECIPE / "redis.conf").read_text()
    assert "maxmemory-policy volatile-ttl" in said and "appendonly no" in said and 'save ""' in said
