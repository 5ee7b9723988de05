#!/usr/bin/env bash
# Builds everything and runs every test project; ends with one line: N passed, N failed (, N skipped).
set -uo pipefail
cd "$(dirname "$0")/.."
logs=artifacts/tests
rm -rf "$logs"
mkdir -p "$logs"

# RabbitMQ and PostgreSQL for the tests on real servers; without them those tests are skipped, and say why. They are got ready during the build.
prepare() { build/engine.sh start && build/images.sh rabbitmq postgres >artifacts/images.env && build/clean-after-tests.sh; }
{ prepare 2>&1 | tee "$logs/prepare" >&2; } &
preparing=$!

# Up to a dozen services at once on few cores, most of them for a minute: nothing is compiled a second time to measure it or before it was called
# 2,048 times (that halves what a start takes), no garbage collector per core, no spinning for work.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountThreshold=800 DOTNET_gcServer=0 DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0

# One compiler for all projects, here and in what the tests build; it goes when they end.
export UseSharedCompilation=true
trap 'dotnet build-server shutdown --vbcscompiler >/dev/null' EXIT

# Release, as the demo has it: what that built is not built again.
out=$(dotnet build HubSpotBus.sln --configuration Release --verbosity quiet --nologo -tl:off) || { echo "$out"; exit 1; }

if wait "$preparing"; then
    . artifacts/images.env
else
    NO_CONTAINERS=$(cat "$logs/prepare")
    export NO_CONTAINERS
    echo "The tests on real servers are SKIPPED." >&2
fi

# The tests start services some three hundred times: as the images carry them. Where those cannot be published, each start compiles.
publish() { [ "$(uname)" = Linux ] && dotnet msbuild build/publish.proj -m -verbosity:quiet -nologo; }
if out=$(publish); then
    export SERVICE_PROGRAMS=$PWD/artifacts/services/publish/Standalone/linux
else
    echo "$out" >&2
fi

# The last line with a total is the result. Whoever ends without one, or badly with none failed, is told in full.
run() {
    local name log line code=0
    name=$(basename "$1") log=$2/$(basename "$1").log
    # Tests wait as often as they compute: more of them at once than cores.
    dotnet "$1/bin/Release/net10.0/HubSpotBus.$name.dll" -maxThreads 1.5x -noColor -showLiveOutput -xml "$2/$name.xml" >"$log" 2>&1 || code=$?
    line=$(grep -E 'Total: [0-9]+' "$log" | tail -n 1)
    count() { sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$line"; }
    local total bad skipped
    # Without those that run on demand only.
    total=$(($(count Total) - $(count 'Not Run'))) bad=$(($(count Failed) + $(count Errors))) skipped=$(count Skipped)
    if [ "${total:-0}" -eq 0 ] || { [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; }; then
        cat "$log"
        echo "$name ended without a result (exit code $code)"
        echo "0 1 0" >"$2/$name.counts"
        return
    fi
    if [ "$bad" -gt 0 ]; then cat "$log"; fi
    echo "$name: $line"
    echo "$((total - bad - skipped)) $bad $skipped" >"$2/$name.counts"
}
export -f run

# Two at a time. Those on real servers take by far the longest and often wait: they begin, and all others go beside them. Those that bring up
# installations of their own come last, when less is beside them.
projects=(tests/EndToEnd.Tests $(ls -d tests/*.Tests | grep -v -e EndToEnd -e Compose) tests/Compose.Tests)
printf '%s\n' "${projects[@]}" | xargs -P 2 -I {} bash -c 'run "$1" "$2"' run {} "$logs"

read -r passed failed skipped < <(cat "$logs"/*.counts | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
failed=$((failed + ${#projects[@]} - $(ls "$logs"/*.counts | wc -l)))
# What each kill test killed and found, and what memory it took.
grep --no-filename --only-matching --extended-regexp '(Killed|Memory: resident)[: ].*' "$logs"/*.log | sort --unique
if [ "$failed" -gt 0 ]; then grep --no-filename '\[FAIL\]' "$logs"/*.log | sort --unique; fi
if [ "$skipped" -gt 0 ]; then
    grep --no-filename --after-context 1 '\[SKIP\]' "$logs"/*.log | sort --unique
    if [ -n "${NO_CONTAINERS:-}" ]; then echo "SKIPPED for want of containers: $NO_CONTAINERS"; fi
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
