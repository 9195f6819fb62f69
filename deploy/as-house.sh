#!/bin/sh
# Runs a command in this folder as the house's user and with its settings: xingfu make backup, xingfu flask wechat doctor.
# docs/deploy.md links it as /usr/local/bin/xingfu. As root, or without the settings, it would be another house.
set -eu
umask 077
cd "$(dirname "$(readlink -f "$0")")/.."
set -a
. "${ENVIRONMENT_FILE:-/etc/xingfu/environment}"
FLASK_APP=wsgi
set +a
PATH="$PWD/.venv/bin:$PATH" exec runuser -u xingfu -- "$@"
