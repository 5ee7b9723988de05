#!/usr/bin/env bash
# Removes the containers and processes of test runs that were killed themselves: label and environment say whose they were.
set -euo pipefail
label=hubspotbus.test-process
docker ps --all --filter "label=$label" --format "{{.ID}} {{.Label \"$label\"}}" | while read -r container run; do
    kill -0 "$run" 2>/dev/null || docker rm --force --volumes "$container" >/dev/null
done
for process in /proc/[0-9]*; do
    run=$(tr '\0' '\n' 2>/dev/null <"$process/environ" | sed -n 's/^HUBSPOTBUS_TEST_PROCESS=//p') || continue
    [ -z "$run" ] || kill -0 "$run" 2>/dev/null || kill -9 "${process#/proc/}" 2>/dev/null || true
done
