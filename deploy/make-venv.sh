#!/bin/sh
# Makes the virtual environment with the newest fitting Python: sh deploy/make-venv.sh .venv
# Debian may lack ensurepip; then pip comes from the system's own pip, and failing that from python3-venv.
set -eu
venv=$1
fits='import sys; sys.exit(sys.version_info < (3, 11))'
python=
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" > /dev/null 2>&1 && "$candidate" -c "$fits" 2> /dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed, found $(python3 --version 2>&1 || echo none); install one or set PYTHON=/path/to/python3" >&2
    exit 1
fi
if "$python" -c 'import ensurepip' 2> /dev/null; then
    "$python" -m venv "$venv"
elif "$python" -m pip --version > /dev/null 2>&1; then
    "$python" -m venv --without-pip "$venv"
    "$python" -m pip --quiet --disable-pip-version-check --python "$venv/bin/python" install pip
else
    rm -rf "$venv"
    echo "this Python cannot make virtual environments: apt-get install python3-venv" >&2
    exit 1
fi
