#!/usr/bin/env bash
# Starts the HubSpot simulator and HubSpotBus (two processes), brings Northwind and a shop through the public API, and prints reports.
#   demo.sh run    stays up until Ctrl-C and keeps its data under data/run
#   demo.sh demo   ends with the report, from an empty data/demo; exit code 0 when everything arrived within the budget
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-run}
hub_port=${HUB_PORT:-5180}
simulator_port=${SIMULATOR_PORT:-5190}
hub=http://127.0.0.1:$hub_port
simulator=http://127.0.0.1:$simulator_port
data=${DATA_FOLDER:-$PWD/data/$mode}

for port in "$hub_port" "$simulator_port"; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        echo "Port $port is in use, perhaps by another 'make run'. Stop that, or choose other ports with HUB_PORT and SIMULATOR_PORT." >&2
        exit 1
    fi
done
if [ "$mode" = demo ]; then rm -rf "$data"; fi
mkdir -p "$data/logs"

hub_pid=
simulator_pid=
stop() {
    trap - EXIT INT TERM
    # The hub first: it may still be talking to the simulator.
    for pid in $hub_pid $simulator_pid; do
        kill -TERM "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'echo; echo "Stopping ..."; stop; exit 0' INT TERM

# Waits until a process listens; when it ends instead, shows the end of its log.
await() {
    local name=$1 port=$2 pid=$3
    until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        if ! kill -0 "$pid" 2>/dev/null; then
            echo "$name did not start; the end of $data/logs/$name.log:" >&2
            tail -n 20 "$data/logs/$name.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

echo "Building ..."
for project in services/HubSpotSimulator services/Standalone samples/northwind samples/shop; do
    out=$(dotnet build "$project" --configuration Release --verbosity quiet --nologo -tl:off -nodeReuse:false) || { echo "$out"; exit 1; }
done

# setsid: Ctrl-C reaches this script only, which then stops the two in order.
Urls=$simulator Simulator__DataFile=$data/hubspot.json \
    setsid dotnet services/HubSpotSimulator/bin/Release/net10.0/HubSpotBus.HubSpotSimulator.dll >"$data/logs/simulator.log" 2>&1 &
simulator_pid=$!
Urls=$hub Data__Folder=$data \
    HubSpotApp__ClientId=hubspotbus-demo HubSpotApp__ClientSecret=hubspotbus-demo-secret \
    HubSpotApp__AuthorizeUrl=$simulator/oauth/authorize HubSpotApp__AdditionalApiHosts__0=127.0.0.1:$simulator_port \
    HubSpotApp__PublicUrl=$hub Hub__PublicUrl=$hub \
    setsid dotnet services/Standalone/bin/Release/net10.0/HubSpotBus.Standalone.dll >"$data/logs/hubspotbus.log" 2>&1 &
hub_pid=$!
await simulator "$simulator_port" "$simulator_pid"
await hubspotbus "$hub_port" "$hub_pid"

code=0
for sample in Northwind Shop; do
    echo
    dotnet "samples/${sample,,}/bin/Release/net10.0/HubSpotBus.Samples.$sample.dll" "$hub" "$simulator" "$data" || code=$?
done
if [ "$mode" = demo ]; then
    exit "$code"
fi
cat <<END

  Status page   $hub/
  API           $hub/api   (administrator's key: $data/admin-key)
  OpenAPI page  $hub/scalar
  Simulator     $simulator/
  Logs          $data/logs

Ctrl-C stops both.
END
wait "$hub_pid" || true
