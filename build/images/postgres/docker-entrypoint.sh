#!/bin/sh
# Makes the database at the first start, then becomes the server.
set -eu

# `docker run IMAGE -c fsync=off` gives options to the server.
case "${1:-}" in -*) set -- postgres "$@" ;; esac

if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    password_file=$(mktemp)
    printf '%s\n' "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD must be set}" >"$password_file"
    initdb --username="$user" --pwfile="$password_file" --auth-local=trust --auth-host=scram-sha-256
    rm "$password_file"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"

    # On its Unix socket only: who waits for the port meets the finished database.
    if [ "$database" != postgres ]; then
        pg_ctl start --silent --wait --options="-c listen_addresses=''"
        createdb --username="$user" --maintenance-db=postgres "$database"
        pg_ctl stop --silent --wait --mode=fast
    fi
fi
exec "$@"
