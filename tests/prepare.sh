#!/bin/sh
# What the tests need beside Python packages: a Chromium. PostgreSQL is looked for by the tests themselves.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -d "$HOME/Library/Caches/ms-playwright" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests …"
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium fonts-noto-core >/dev/null
elif [ "$(uname)" = Darwin ]; then
  echo "The browser tests need Chromium. Install it with: .venv/bin/playwright install chromium"
else
  echo "The browser tests need Chromium. Install it with: sudo apt-get install chromium"
fi
