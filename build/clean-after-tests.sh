#!/usr/bin/env bash
# Removes the containers and processes of test runs that were killed themselves: label and environment say whose they were.
set -euo pipefail
label=hubspotbus.test-process
docker ps --all --filter "label=$label" --format "{{.ID}} {{.Label \"$label\"}}" | while read -r container run; do
    kill -0 "$run" 2>/dev/null || docker rm --force --volumes "$container" >/dev/null
done
# Whole installations: the number of their test run is in their name.
own='{{.Label "com.docker.compose.project"}}'
{ docker ps --all --format "$own"; docker volume ls --format "$own"; } | sed -nE 's/^hubspotbus-test-.*-([0-9]+)$/& \1/p' | sort --unique | while read -r project run; do
    kill -0 "$run" 2>/dev/null && continue
    label=com.docker.compose.project=$project
    docker ps --all --quiet --filter "label=$label" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
    docker volume ls --quiet --filter "label=$label" | xargs --no-run-if-empty docker volume rm >/dev/null
    docker network ls --quiet --filter "label=$label" | xargs --no-run-if-empty docker network rm >/dev/null
done
for process in /proc/[0-9]*; do
    run=$(tr '\0' '\n' 2>/dev/null <"$process/environ" | sed -n 's/^HUBSPOTBUS_TEST_PROCESS=//p') || continue
    [ -z "$run" ] || kill -0 "$run" 2>/dev/null || kill -9 "${process#/proc/}" 2>/dev/null || true
done
