#!/bin/sh
# Called as `upgrade` before the files of a newer version come.
set -e
[ "$1" = upgrade ] && exit 0

rm -f /usr/bin/reactor-host
profile=/etc/apparmor.d/reactor-host
if [ -f "$profile" ]; then
  command -v apparmor_parser >/dev/null && apparmor_parser --remove "$profile" || true
  rm -f "$profile"
fi
if [ "$1" = purge ]; then
  rm -rf /etc/reactor-host /var/lib/private/reactor-host /var/lib/reactor-host /var/cache/private/reactor-host /var/cache/reactor-host
fi
[ -d /run/systemd/system ] && systemctl daemon-reload || true
