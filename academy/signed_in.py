"""Who is signed in, in the database: Django's own sessions and login, whose two questions of every request
are compiled once.

The rows are those of django.contrib.sessions; a login that was made with Django's own backend goes on here.
"""

from django.contrib.auth import BACKEND_SESSION_KEY, backends, get_user_model
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from home.database.compiled import Compiled

DJANGOS = "django.contrib.auth.backends.ModelBackend"
SESSION = Compiled(lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at))
PERSON = Compiled(lambda key: get_user_model()._default_manager.filter(pk=key))


class SessionStore(db.SessionStore):
    """Named as django.conf.settings.SESSION_ENGINE asks."""

    def _get_session_from_db(self):
        found = SESSION.one(key=self.session_key, at=timezone.now())
        if found is None:
            self._session_key = None
        return found

    def decode(self, session_data):
        found = super().decode(session_data)
        if found.get(BACKEND_SESSION_KEY) == DJANGOS:
            found[BACKEND_SESSION_KEY] = f"{__name__}.ModelBackend"
        return found


class ModelBackend(backends.ModelBackend):
    """Login by e-mail address and password."""

    def get_user(self, user_id):
        user = PERSON.one(key=user_id)
        return user if user and self.user_can_authenticate(user) else None
