"""Database session store and auth backend.

The two queries every request needs are precompiled (home.database.compiled).

Uses the rows of django.contrib.sessions, so sessions created by Django's own backend stay valid.
What this relies on in Django is named in tests/home/test_compiled_internals.py.
"""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import BACKEND_SESSION_KEY, get_user_model
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.utils import timezone

from home.database.away import is_away
from home.database.compiled import Compiled

DJANGOS = "django.contrib.auth.backends.ModelBackend"
ALLAUTHS = "allauth.account.auth_backends.AuthenticationBackend"  # in sessions begun while there were two
SESSION = Compiled(lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at))
# Parsing the phone number costs as much as the rest of the row: the few pages that show it ask for it.
PERSON = Compiled(lambda key: get_user_model()._default_manager.filter(pk=key).defer("phone"))


class SessionStore(db.SessionStore):
    """Session store; the class name is required by settings.SESSION_ENGINE."""

    def _get_session_from_db(self):
        found = SESSION.one(key=self.session_key, at=timezone.now())
        if found is None:
            self._session_key = None
        return found

    def save(self, must_create=False):
        """Raise what the database raised while it is away. Django takes every fault for a session that
        somebody has deleted, and its middleware answers 400 without a word.
        """
        try:
            super().save(must_create)
        except UpdateError as fault:
            if fault.__context__ is not None and is_away(fault.__context__):
                raise fault.__context__ from fault.__context__.__cause__
            raise

    def decode(self, session_data):
        found = super().decode(session_data)
        if found.get(BACKEND_SESSION_KEY) in {DJANGOS, ALLAUTHS}:
            found[BACKEND_SESSION_KEY] = f"{__name__}.ModelBackend"
        return found


class ModelBackend(AuthenticationBackend):
    """Authentication by email address and password: one password hash, whatever is typed.

    The only backend: a second one would hash every wrong password again, and answer every permission twice.
    """

    def get_user(self, user_id):
        user = PERSON.one(key=user_id)
        return user if user and self.user_can_authenticate(user) else None
