#!/usr/bin/env bash
# Backs an installation up while it runs, and brings it back: rows, keys and secrets in one file.
#   backup.sh backup [FILE]   of `make run` when its folder is there, else of `make up`; FILE defaults to artifacts/backup-<time>.tar.gz
#   backup.sh restore FILE    what is there now is put aside (make run) or overwritten (make up)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${DATA_FOLDER:-$PWD/data/run}
standalone=${STANDALONE:-services/Standalone/bin/Release/net10.0/HubSpotBus.Standalone.dll}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

env=${COMPOSE_ENV_FILES:-.env} # compose's own variable

in_postgres() { docker compose exec -T postgres "$@"; }

listens() { (: <"/dev/tcp/127.0.0.1/${HUB_PORT:-5180}") 2>/dev/null; }

case "${1:-}" in
backup)
    file=${2:-artifacts/backup-$(date -u +%Y%m%d-%H%M%S).tar.gz}
    mkdir -p "$(dirname "$file")"
    if [ -e "$data/hubspotbus.db" ]; then
        Data__Folder=$data dotnet "$standalone" backup "$work/hubspotbus.db"
        cp -r "$data/keys" "$work/"
        if [ -e "$data/admin-key" ]; then cp "$data/admin-key" "$work/"; fi
    elif [ -e "$env" ]; then
        eval "$(build/images.sh debian rabbitmq postgres caddy)"
        # The hub first, then the transactions: what these say is done, those they rely on know of in their own, later rows.
        in_postgres psql --username hubspotbus --dbname postgres --no-align --tuples-only --command \
            "SELECT datname FROM pg_database WHERE datname LIKE 'hubspotbus\_%'
             ORDER BY datname <> 'hubspotbus_hub', datname <> 'hubspotbus_transaction', datname" >"$work/databases"
        while read -r database; do
            in_postgres pg_dump --username hubspotbus --clean --create --if-exists "$database" </dev/null
        done <"$work/databases" >"$work/postgres.sql"
        docker compose exec -T auth tar --create --directory /data . >"$work/auth-data.tar"
        cp "$env" "$work/env"
    else
        echo "Neither $data (make run) nor $env (make up) is there: nothing to back up." >&2
        exit 1
    fi
    (umask 077 && tar --create --gzip --file "$file" --directory "$work" .)
    echo "$file"
    ;;
restore)
    file=${2:?FILE is missing}
    tar --extract --gzip --file "$file" --directory "$work"
    if [ -e "$work/hubspotbus.db" ]; then
        if listens; then
            echo "HubSpotBus runs (port ${HUB_PORT:-5180}). Stop it first." >&2
            exit 1
        fi
        if [ -e "$data" ]; then mv "$data" "$data.before-$(date -u +%Y%m%d-%H%M%S)"; fi
        mkdir -p "$data"
        cp -r "$work/." "$data/"
        echo "Restored to $data; start it with 'make run'."
    else
        eval "$(build/images.sh debian rabbitmq postgres caddy)"
        if [ ! -e "$env" ]; then
            # A machine that has had no installation yet: an empty one with the secrets of the backup.
            (umask 077 && cp "$work/env" "$env")
            build/compose.sh up
        fi
        services=$(docker compose config --services | grep -vE '^(rabbitmq|postgres|simulator)$')
        docker compose --progress quiet stop $services
        docker compose --progress quiet up --detach --wait rabbitmq postgres
        for script in "$work/postgres.sql" build/restored.sql; do
            in_postgres psql --quiet --username hubspotbus --dbname postgres --set ON_ERROR_STOP=on --output /dev/null <"$script"
        done
        # What waited in queues belongs to another time.
        docker compose exec -T rabbitmq bash -c 'rabbitmqctl -q delete_vhost hubspotbus && rabbitmqctl -q add_vhost hubspotbus --default-queue-type quorum &&
            rabbitmqctl -q set_permissions --vhost hubspotbus hubspotbus ".*" ".*" ".*"'
        docker compose --progress quiet run --rm --no-TTY --no-deps --entrypoint tar auth --extract --directory /data <"$work/auth-data.tar"
        docker compose --progress quiet up --detach --wait --wait-timeout 300
        echo "Restored; it runs."
    fi
    ;;
*)
    sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
