#!/usr/bin/env bash
# Backs an installation up while it runs, and brings it back: rows, keys and secrets in one file.
#   backup.sh backup [FILE]   of `make run` or of `make up`, WHICH=run or WHICH=up where both are there; FILE: artifacts/backup-<time>.tar.gz
#   backup.sh restore FILE    what is there now is put aside (make run) or overwritten (make up)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${DATA_FOLDER:-$PWD/data/run}
standalone=${STANDALONE:-services/Standalone/bin/Release/net10.0/HubSpotBus.Standalone.dll}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Compose's own variables.
env=${COMPOSE_ENV_FILES:-.env}
project=${COMPOSE_PROJECT_NAME:-hubspotbus}

in_postgres() { docker compose exec -T postgres "$@"; }

listens() { (: <"/dev/tcp/127.0.0.1/${HUB_PORT:-5180}") 2>/dev/null; }

# The set-up to back up, as the user says, or the one that is there. A folder that was named is meant.
which_one() {
    local run= up=
    [ -e "$data/hubspotbus.db" ] && run=yes
    [ -e "$env" ] && up=yes
    case "${WHICH:-}:${run:-no}:${up:-no}" in
    run:yes:* | :yes:no) echo run ;;
    up:*:yes | :no:yes) echo up ;;
    :yes:yes)
        if [ -n "${DATA_FOLDER:-}" ]; then
            echo run
        else
            echo "There are two installations: that of 'make run' ($data) and that of 'make up' ($env). Nothing was backed up." >&2
            echo "Say which: make backup WHICH=run, or make backup WHICH=up." >&2
            return 1
        fi
        ;;
    :*)
        echo "Neither $data (make run) nor $env (make up) is there: nothing to back up." >&2
        return 1
        ;;
    run:* | up:*)
        echo "WHICH=$WHICH: there is no installation of 'make $WHICH' here, nothing was backed up." >&2
        return 1
        ;;
    *)
        echo "WHICH=$WHICH: run or up." >&2
        return 2
        ;;
    esac
}

case "${1:-}" in
backup)
    which=$(which_one)
    file=${2:-artifacts/backup-$(date -u +%Y%m%d-%H%M%S).tar.gz}
    mkdir -p "$(dirname "$file")"
    if [ "$which" = run ]; then
        Data__Folder=$data dotnet "$standalone" backup "$work/hubspotbus.db"
        cp -r "$data/keys" "$work/"
        if [ -e "$data/admin-key" ]; then cp "$data/admin-key" "$work/"; fi
    else
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
    fi
    (umask 077 && tar --create --gzip --file "$file" --directory "$work" .)
    echo "The installation of 'make $which': $file"
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
            build/engine.sh start
            if docker volume inspect "${project}_postgres-data" >/dev/null 2>&1; then
                echo "The data of an earlier 'make up' is there, but $env with its passwords is not, and those of the backup may be others." >&2
                echo "Bring $env back; when the backup is of this very installation, its own: tar -xzOf $file ./env >$env" >&2
                echo "Or give the data up: docker volume rm ${project}_postgres-data ${project}_rabbitmq-data. Nothing was restored." >&2
                exit 1
            fi

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
