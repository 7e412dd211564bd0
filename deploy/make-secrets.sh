#!/bin/sh
# Makes the secrets that compose.yaml and compose.small.yaml hand over as files, where they are not there yet.
# Keep a copy of secrets/app_secret apart from the database's backups.
set -eu
cd "$(dirname "$0")/.."
mkdir -p -m 700 secrets
make() {
  # Nobody else gets through the folder, but the users of the containers read the files: they are mounted one by one.
  [ -e "secrets/$1" ] || (umask 022 && printf '%s' "$2" >"secrets/$1")
}
random() { openssl rand -hex 32; }
make app_secret "$(random)"
make postgres_password "$(random)"
make database_password "$(random)"
make database_url "postgres://plumbline:$(cat secrets/database_password)@postgres:5432/plumbline"
make inngest_database_password "$(random)"
make inngest_event_key "$(random)"
make inngest_signing_key "$(random)"
