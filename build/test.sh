#!/usr/bin/env bash
# Builds everything and runs every test project; ends with one line: N passed, N failed (, N skipped).
set -uo pipefail
cd "$(dirname "$0")/.."

# RabbitMQ and PostgreSQL for the tests on real servers; without them those tests are skipped, and say why.
mkdir -p artifacts
prepare() { build/engine.sh start && build/images.sh rabbitmq postgres >artifacts/images.env && build/clean-after-tests.sh; }
if why=$(prepare 2>&1 | tee >(cat >&2)); then
    . artifacts/images.env
else
    export NO_CONTAINERS=$why
    echo "The tests on real servers are SKIPPED." >&2
fi

# Up to a dozen services at once on few cores: no compiling twice to measure, no garbage collector per core, no spinning for work.
export DOTNET_TieredPGO=0 DOTNET_gcServer=0 DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0

out=$(dotnet build HubSpotBus.sln --verbosity quiet --nologo -tl:off) || { echo "$out"; exit 1; }
passed=0 failed=0 skipped=0 broken=0
for project in tests/*.Tests; do
    name=$(basename "$project")
    out=$(dotnet "$project/bin/Debug/net10.0/HubSpotBus.$name.dll" -noColor 2>&1)
    code=$?
    line=$(grep -E 'Total: [0-9]+' <<<"$out" | tail -n 1)
    number() { sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$line"; }
    total=$(number Total) errors=$(number Errors) bad=$(number Failed) skip=$(number Skipped)
    if [ "${total:-0}" -eq 0 ] || { [ "$code" -ne 0 ] && [ "$((bad + errors))" -eq 0 ]; }; then
        echo "$out"
        echo "$name ended without a result (exit code $code)"
        broken=$((broken + 1))
        continue
    fi
    if [ "$((bad + errors))" -gt 0 ]; then echo "$out"; fi
    echo "$name: $line"
    passed=$((passed + total - bad - skip)) failed=$((failed + bad + errors)) skipped=$((skipped + skip))
done
failed=$((failed + broken))
if [ "$skipped" -gt 0 ]; then
    if [ -n "${NO_CONTAINERS:-}" ]; then echo "SKIPPED for want of containers: $NO_CONTAINERS"; fi
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
