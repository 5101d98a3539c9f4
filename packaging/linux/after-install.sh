#!/bin/sh
# electron-builder fills in the folder.
set -e
folder='/opt/${sanitizedProductName}'

ln -sf "$folder/bin/reactor-host" /usr/bin/reactor-host

# The service is in both, and does not start where one is missing: udev brings `render`, and a small machine has no udev.
for group in video render; do
  getent group "$group" >/dev/null || groupadd --system "$group"
done

# Chromium's sandbox uses user namespaces; where the kernel has none for users, the helper with root's rights. Root may make
# one also where others may not, so it is tried as another.
if setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user true 2>/dev/null; then
  chmod 0755 "$folder/chrome-sandbox"
else
  chmod 4755 "$folder/chrome-sandbox"
fi

# Ubuntu 24.04 and later allow user namespaces only to programs with a profile.
profile=/etc/apparmor.d/reactor-host
if command -v apparmor_parser >/dev/null && apparmor_status --enabled >/dev/null 2>&1; then
  if apparmor_parser --skip-kernel-load "$folder/resources/apparmor-profile" >/dev/null 2>&1; then
    cp "$folder/resources/apparmor-profile" "$profile"
    ischroot 2>/dev/null || apparmor_parser --replace --write-cache --skip-read-cache "$profile"
  fi
fi

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  # After an update; a service that is not running stays so.
  systemctl try-restart reactor-host.service || true
fi
