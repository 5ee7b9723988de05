#!/usr/bin/env bash
# Makes sure that a Docker Engine answers.
#   engine.sh start   the machine's own where there is one; on a bare Debian, as root, installs one and starts it
#   engine.sh stop    stops the engine that `start` started, and no other
set -euo pipefail
cd "$(dirname "$0")"
pid_file=/run/hubspotbus-dockerd.pid
containerd_pid_file=/run/docker/containerd/containerd.pid # dockerd's own choice
log=/var/log/hubspotbus-dockerd.log

answers() { docker version >/dev/null 2>&1; }

# 25: what Testcontainers speaks, and what `docker compose up --wait` needs.
installed() { dockerd --version 2>/dev/null | grep -qE 'version (2[5-9]|[3-9][0-9])\.'; }

refuse() {
    echo "No Docker Engine answers here, and none can be started: $1" >&2
    exit 1
}

# Debian 13's packages, on Debian 12 too, whose own are too old; they run with its C library. The low priority keeps everything else
# on the machine's own release.
install_engine() {
    export DEBIAN_FRONTEND=noninteractive
    local from= mirror
    if [ "$VERSION_CODENAME" = bookworm ]; then
        mirror=$(./debian-mirror.sh)
        echo "deb $mirror trixie main" >/etc/apt/sources.list.d/trixie.list
        printf '%s\n' 'Package: *' 'Pin: release n=trixie' 'Pin-Priority: 50' >/etc/apt/preferences.d/trixie
        from=/trixie
    fi
    apt-get update -qq
    apt-get install -qq --yes --no-install-recommends docker.io$from docker-cli$from docker-compose$from docker-buildx$from >/dev/null
}

# Whether the process whose number is in FILE runs PROGRAM; one that has ended, but that nobody has asked after yet, does not.
runs() {
    local status
    status=/proc/$(cat "$1" 2>/dev/null || echo none)/status
    grep -qs "^Name:[[:space:]]*$2\$" "$status" && ! grep -qs '^State:[[:space:]]*Z' "$status"
}

# An engine that was cut off leaves its pid files; when another process has the number by now, dockerd would refuse to start.
remove_stale_pid_files() {
    runs "$pid_file" dockerd || rm -f "$pid_file"
    runs "$containerd_pid_file" containerd || rm -f "$containerd_pid_file"
}

# --ip for the default network, --default-network-opt for those made later: published ports listen on the loopback address only.
# setsid and the redirections: the engine outlives this script and holds neither its terminal nor its pipe.
start_engine() {
    remove_stale_pid_files
    setsid dockerd --pidfile "$pid_file" \
        --userland-proxy=false --ip 127.0.0.1 --default-network-opt bridge=com.docker.network.bridge.host_binding_ipv4=127.0.0.1 \
        >"$log" 2>&1 </dev/null &
}

wait_until() {
    for _ in $(seq 300); do
        if "$@"; then return; fi
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    refuse "it did not come up in 30 s; the end of $log stands above."
}

case "${1:-}" in
start)
    if ! answers; then
        . /etc/os-release
        [ "$(uname -s)" = Linux ] && [ "${ID:-}" = debian ] || refuse "install Docker 25 or later and start it."
        [ "$(id -u)" = 0 ] || refuse "start Docker, or let root run this script."
        if ! installed; then
            echo "Installing a Docker Engine from Debian's packages ..." >&2
            install_engine || refuse "Debian's docker.io could not be installed."
        fi
        # Where systemd rules, the package's own unit is started, perhaps by the installation already.
        if [ -d /run/systemd/system ]; then systemctl start docker; else start_engine; fi
        wait_until answers
    fi
    ;;
stop)
    remove_stale_pid_files
    if [ -e "$pid_file" ]; then
        kill "$(cat "$pid_file")"
        wait_until [ ! -e "$pid_file" ] # the last thing that an engine does
    fi
    ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
