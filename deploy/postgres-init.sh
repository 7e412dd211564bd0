#!/bin/sh
# Runs once, in an empty cluster: the app's user and database, and Inngest's where its password is handed over.
set -eu
make() {
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set name="$1" --set password="$(cat "$2")" \
    --set rights="$3" <<'SQL'
create role :"name" login :rights password :'password';
create database :"name" owner :"name" encoding 'UTF8' template template0;
SQL
}
# The app makes the role that row-level security relies on.
make plumbline /run/secrets/database_password createrole
[ ! -e /run/secrets/inngest_database_password ] || make inngest /run/secrets/inngest_database_password nocreaterole
