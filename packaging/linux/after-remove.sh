#!/bin/sh
set -e
# Of an upgrade, also one that fails, something stays installed.
case "$1" in
  remove | purge) ;;
  *) exit 0 ;;
esac

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
