#!/usr/bin/env bash
# Prints the address of the Debian mirror that this machine's apt uses.
set -euo pipefail
. /etc/os-release
apt-get indextargets --no-release-info --format '$(SITE)' \
    'Created-By: Packages' "Release: $VERSION_CODENAME" 'Component: main' | head -n 1
