#!/usr/bin/env bash
# Makes sure that images are there, and prints the variables that name them: eval "$(build/images.sh rabbitmq postgres)"
#   images.sh NAME...   of debian, rabbitmq, postgres, caddy
# The official ones where they are present or can be pulled; elsewhere stand-ins built from Debian's packages. A second run is quick.
set -euo pipefail
cd "$(dirname "$0")"

declare -A official=([debian]=debian:trixie-slim [rabbitmq]=rabbitmq:4.0-management [postgres]=postgres:17 [caddy]=caddy:2)
declare -A stand_in=([debian]=hubspotbus-debian:trixie [rabbitmq]=hubspotbus-rabbitmq:4.0 [postgres]=hubspotbus-postgres:17 [caddy]=hubspotbus-caddy:2)
declare -A variable=([debian]=BASE_IMAGE [rabbitmq]=RABBITMQ_IMAGE [postgres]=POSTGRES_IMAGE [caddy]=CADDY_IMAGE)
base=${stand_in[debian]}

present() { docker image inspect "$1" >/dev/null 2>&1; }

# The root of a small Debian, without documentation and translations. In a file on the way: `docker import` would take what a failed
# mmdebstrap sends through a pipe for an empty image.
build_base() {
    present "$base" && return
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || {
        echo "No image registry is in reach, and only root on Debian can build stand-in images." >&2
        return 1
    }
    echo "Building stand-in images from Debian's packages, as no image registry is in reach ..." >&2
    command -v mmdebstrap >/dev/null || {
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends mmdebstrap >/dev/null 2>&1
    }
    local root
    root=$(mktemp)
    mmdebstrap --quiet --format=tar --variant=minbase --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        trixie "$root" "$(./debian-mirror.sh)"
    docker import "$root" "$base" >/dev/null
    rm "$root"
}

stand_ins=()
for name in "$@"; do
    image=${official[$name]}
    # Where stand-ins were built before, no time goes to asking a registry again.
    if ! present "$image" && { present "$base" || ! docker pull --quiet "$image" >/dev/null 2>&1; }; then
        image=${stand_in[$name]}
        stand_ins+=("$name")
    fi
    echo "export ${variable[$name]}=$image"
done

if [ ${#stand_ins[@]} -gt 0 ]; then
    build_base
    # Side by side: half of the time goes to waiting for packages.
    builds=()
    for name in "${stand_ins[@]}"; do
        [ "$name" = debian ] && continue
        docker build --quiet --build-arg BASE_IMAGE="$base" --tag "${stand_in[$name]}" "images/$name" >/dev/null &
        builds+=($!)
    done
    for build in "${builds[@]}"; do wait "$build"; done
    # Testcontainers' own cleaner cannot be pulled either (clean-after-tests.sh does its work), and inside a container it would look for
    # published ports at the bridge's address.
    echo "export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1"
fi
