-- PostgreSQL 15 or later, once, as its superuser: psql -v password=… -f postgresql.sql
CREATE ROLE academy LOGIN PASSWORD :'password';
CREATE DATABASE academy OWNER academy TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
-- A wait for a place ends after 3 seconds, also behind a pooler that drops the connection's own wish.
ALTER ROLE academy SET lock_timeout = '3s';
-- Nobody holds a lock for longer than a request may last.
ALTER ROLE academy SET idle_in_transaction_session_timeout = '60s';
-- A role of its own for the replica.
CREATE ROLE academy_replica LOGIN REPLICATION PASSWORD :'password';
