#!/bin/bash
# Whether the service of this container is ready; bash's own TCP, so that the image needs no HTTP client.
exec 3<>"/dev/tcp/127.0.0.1/${ASPNETCORE_HTTP_PORTS}"
printf 'GET %s HTTP/1.0\r\n\r\n' "${HEALTH_PATH}" >&3
read -r _ status _ <&3
[ "$status" = 200 ]
