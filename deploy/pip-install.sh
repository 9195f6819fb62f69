#!/bin/sh
# Installs locked dependencies, every file checked against its hash: sh deploy/pip-install.sh .venv requirements.txt …
# The lock is complete, so pip need not resolve (--no-deps): older ones trip over an extra (apiflask's pydantic[email])
# as soon as a release newer than the lock is out.
set -eu
venv=$1
shift
set -- $(printf -- '-r %s ' "$@")
if ! log=$("$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes "$@" 2>&1); then
    printf '%s\n' "$log" | tail -n 20 >&2
    echo "dependencies could not be installed (see above); is the package index reachable?" >&2
    exit 1
fi
