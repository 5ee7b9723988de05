#!/usr/bin/env bash
# The distributed set-up (docker-compose.yml) with what this machine has: engine, images, the services as published, secrets in .env.
#   compose.sh up                 starts it, or brings it up to date
#   compose.sh down               stops it; its data stays
#   compose.sh scale SERVICE N    N replicas of a service, from now on
#   compose.sh demo               a second one with a simulated HubSpot, Northwind through it, its report; then it is gone
#   compose.sh demo-restore       the same with a backup in the middle, which is restored in the end: HubSpot has nothing twice
# COMPOSE_PROJECT_NAME and COMPOSE_ENV_FILES, compose's own variables, make it another installation with another .env; DEMO_NAME another demo.
set -euo pipefail
cd "$(dirname "$0")/.."

env=${COMPOSE_ENV_FILES:-.env}
project=${COMPOSE_PROJECT_NAME:-hubspotbus}

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# Adds those that are missing. Never overwritten: the database and the broker keep the passwords that they were made with.
make_secrets() {
    local name
    for name in RABBITMQ_PASSWORD POSTGRES_PASSWORD SERVICE_KEY ADMIN_KEY; do
        if has_secret "$1" $name; then continue; fi
        (umask 077 && touch "$1")
        chmod go-rwx "$1"
        if [ -n "$(tail -c 1 "$1")" ]; then echo >>"$1"; fi
        echo "$name=$([ $name != ADMIN_KEY ] || echo hsb_)$(random)" >>"$1"
    done
}

has_secret() { grep -qsE "^(export +)?$2=." "$1"; }

# Builds what is missing and starts all of it.
start() {
    local images
    build/engine.sh start
    images=$(build/images.sh debian rabbitmq postgres caddy)
    eval "$images"
    echo "Building ..."
    dotnet msbuild build/publish.proj -m -verbosity:quiet -nologo
    docker compose build --quiet
    echo "Starting ..."
    docker compose --progress quiet up --detach --wait --wait-timeout 300
}

# A second installation with a simulated HubSpot; it is gone when the script ends.
start_demo() {
    export HTTP_PORT=${HUB_PORT:-5180} SIMULATOR_PORT=${SIMULATOR_PORT:-5190}
    export HUBSPOT_CLIENT_ID=hubspotbus-demo HUBSPOT_CLIENT_SECRET=hubspotbus-demo-secret
    export HUBSPOT_AUTHORIZE_URL=http://127.0.0.1:$SIMULATOR_PORT/oauth/authorize HUBSPOT_ADDITIONAL_API_HOST=simulator:8080
    data=artifacts/${DEMO_NAME:-demo-distributed}
    export COMPOSE_PROJECT_NAME=hubspotbus-${data#*/} COMPOSE_ENV_FILES=$data/env COMPOSE_PROFILES=demo DATA_FOLDER=$data
    rm -rf "$data"
    mkdir -p "$data"
    make_secrets "$data/env"
    trap 'docker compose logs --no-color >"$data/log" 2>&1; docker compose down --volumes >/dev/null 2>&1' EXIT
    start
    sed -n 's/^ADMIN_KEY=//p' "$data/env" >"$data/admin-key"
}

demo() {
    dotnet run --project "samples/$1" --configuration Release --verbosity quiet -- \
        "http://127.0.0.1:$HTTP_PORT" "http://127.0.0.1:$SIMULATOR_PORT" "$data" http://simulator:8080
}

simulator() {
    local path=$1
    shift
    curl --silent --show-error --fail --header 'Content-Type: application/json' "$@" "http://127.0.0.1:$SIMULATOR_PORT/_simulator/$path"
}

# Records of a type in Northwind's account.
count() { simulator "portals/12345678/records/$1" | grep -o '"createdAt"' | wc -l; }

case "${1:-}" in
up)
    build/engine.sh start
    for secret in POSTGRES_PASSWORD RABBITMQ_PASSWORD; do
        volume=${secret%_PASSWORD}
        if ! has_secret "$env" $secret && docker volume inspect "${project}_${volume,,}-data" >/dev/null 2>&1; then
            echo "The data of an earlier 'make up' is there, but $secret, which it was made with, is not in $env. Bring $env back, or give the data up with" >&2
            echo "docker volume rm ${project}_postgres-data ${project}_rabbitmq-data" >&2
            exit 1
        fi
    done
    make_secrets "$env"
    start
    echo "HubSpotBus: http://127.0.0.1:$(docker compose port proxy 8080 | sed 's/.*://')   (administrator's key: ADMIN_KEY in $env)"
    ;;
down)
    docker compose --progress quiet --profile '*' down
    ;;
scale)
    service=${2:?SERVICE is missing} replicas=${3:?N is missing}
    case "$service" in auth | mapping | customer | product-prerequisite | transaction | hub) ;; *)
        echo "Replicas: of auth, mapping, customer, product-prerequisite, transaction and hub." >&2
        exit 2
        ;;
    esac
    [[ $replicas =~ ^[1-9][0-9]*$ ]] || { echo "N=$replicas: how many replicas, as a number." >&2; exit 2; }
    [ -e "$env" ] || { echo "Nothing runs here yet: make up." >&2; exit 2; }
    variable=$(tr 'a-z-' 'A-Z_' <<<"$service")_REPLICAS
    sed -i "/^$variable=/d" "$env"
    echo "$variable=$replicas" >>"$env"
    eval "$(build/images.sh debian rabbitmq postgres caddy)"
    docker compose --progress quiet up --detach --wait --wait-timeout 300 --no-deps "$service"
    ;;
demo)
    start_demo
    for sample in northwind shop; do demo $sample; done
    ;;
demo-restore)
    start_demo
    [ -z "${KEYS_NOT_UNIQUE:-}" ] || simulator portals/12345678/switches --request PUT --data \
        '{"uniquePropertiesTaken":["companies","contacts","products","orders","line_items"]}' >/dev/null
    simulator latency --request PUT --data '{"milliseconds":1000}' >/dev/null # so that there is a middle
    demo northwind &
    until [ "$(count orders)" -ge 200 ]; do
        kill -0 $! 2>/dev/null || { echo "The demo ended before HubSpot had 200 orders: there is no middle to back up." >&2; exit 1; }
        sleep 0.2
    done
    before=$(count orders)
    build/backup.sh backup "$data/backup.tar.gz" >/dev/null
    echo "Backed up while HubSpot got orders $before to $(count orders) of 830."
    wait $!
    simulator latency --request PUT --data '{"milliseconds":0}' >/dev/null
    docker compose exec -T auth rm -r /data/keys # so that no token opens by those that were not restored
    build/backup.sh restore "$data/backup.tar.gz"
    demo northwind | tee "$data/restored" || true # more calls than the budget, for HubSpot has much of it already
    echo "HubSpot has $(count orders) of 830 orders and $(count line_items) of 2155 line items."
    [ "$before" -lt 830 ] && [ "$(count orders) $(count line_items)" = "830 2155" ] && ! grep '^WRONG' "$data/restored" | grep -v 'HubSpot calls, more than'
    ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
