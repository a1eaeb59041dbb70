#!/bin/sh
# What the tests need beside Python packages: a Chromium and nginx. PostgreSQL is looked for by the tests themselves.
set -eu
wanted=nginx-light
command -v nginx >/dev/null 2>&1 && wanted=
browser=
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && browser=$name
done
[ -d "$HOME/Library/Caches/ms-playwright" ] && browser=playwright
[ -n "$browser" ] || wanted="$wanted chromium fonts-noto-core"
[ -n "$wanted" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests: $wanted"
  # shellcheck disable=SC2086 - several words
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y $wanted >/dev/null
elif [ "$(uname)" = Darwin ]; then
  echo "The tests need Chromium and nginx. Install what is missing: .venv/bin/playwright install chromium; brew install nginx"
else
  echo "The tests need more: sudo apt-get install $wanted"
fi
