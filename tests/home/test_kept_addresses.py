"""An address whose pattern is kept is the one `reverse` gives, for every name of the site."""

import uuid

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse, set_script_prefix
from django.utils.translation import override

from home.cms import kept_addresses
from home.cms.kept_addresses import kept_address

NUMBERS, TEXTS = (0, 7, 123_456_789_012), ("AL-7K3Q2P", "code-a", "7", "fr", "x" * 70)
ODD = (-1, True, None, "", "é", "a/b", "a b", "<b>", "a.b", "٧", "a\n", 1.5, uuid.UUID(int=5))
ONES = (*NUMBERS, *TEXTS, *ODD)
NAMES = sorted(name for name in get_resolver().reverse_dict if isinstance(name, str))


def of(function, name, args):
    try:
        return function(name, args)
    except NoReverseMatch:
        return None


def reversed_(name, args):
    return reverse(name, args=args)


@pytest.mark.parametrize("language", ["ar"])
def test_every_name_has_the_address_that_reverse_gives(language):
    found = 0
    with override(language):
        for name in NAMES:
            given = [(), *((one,) for one in ONES), (7, 8), (7, "AL-7"), ("AL-7", 8), (7, -1), ("fr", "é")]
            for args in given:
                address = of(reversed_, name, args)
                assert of(kept_address, name, args) == address, (name, args)
                found += address is not None
    assert found > 300


def test_a_pattern_is_kept(monkeypatch):
    with override("fr"):
        assert kept_address("child", [7]) == "/fr/family/children/7/"
        monkeypatch.setattr(kept_addresses, "reverse", None)
        assert kept_address("child", [8]) == "/fr/family/children/8/"
        with pytest.raises(TypeError):
            kept_address("child", [-8])


def test_the_prefix_of_the_site_is_part_of_it():
    with override("fr"):
        assert kept_address("child", [7]) == "/fr/family/children/7/"
        set_script_prefix("/below/")
        try:
            assert kept_address("child", [7]) == "/below/fr/family/children/7/"
        finally:
            set_script_prefix("/")


def test_an_unknown_name_is_refused_each_time():
    for _time in range(2):
        with pytest.raises(NoReverseMatch):
            kept_address("no such name", [7])
