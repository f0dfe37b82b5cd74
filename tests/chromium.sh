#!/usr/bin/env bash
# A Chromium for the browser tests: from PATH, or by apt where we are root; otherwise those tests are named as skipped.
set -u
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing chromium for the browser tests"
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; then
    exit 0
  fi
fi
echo "no chromium on PATH and none could be installed: the browser tests will be skipped" >&2
[ -z "${CI:-}" ]
