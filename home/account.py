"""The type of an account, for annotations: the user model of the settings, which no application below academy
may import.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import (
        _User as User,
    )  # the plugin of mypy reads the user model of the settings for it
else:
    from django.contrib.auth.models import AbstractBaseUser as User

__all__ = ["User"]
