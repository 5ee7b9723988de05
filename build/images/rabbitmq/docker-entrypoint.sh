#!/bin/sh
# Writes the configuration from the environment, then becomes the broker. Files in /etc/rabbitmq/conf.d win over it.
set -eu
cat >/etc/rabbitmq/rabbitmq.conf <<CONF
listeners.tcp.default = 5672
management.tcp.port = 15672
loopback_users = none
log.file = false
log.console = true
log.console.level = info
log.console.use_colors = off
default_user = ${RABBITMQ_DEFAULT_USER:-guest}
default_pass = ${RABBITMQ_DEFAULT_PASS:-guest}
default_vhost = ${RABBITMQ_DEFAULT_VHOST:-/}
CONF
exec "$@"
