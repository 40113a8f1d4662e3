# Sourced by the scripts beside it: makes .venv and installs voiceprep into it.
# PYTHON chooses the interpreter (default: the newest of 3.11 and up on PATH).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() {
  local name
  for name in ${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3}; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "voiceprep takes Python 3.11 or later; none was found (PYTHON=… names one)" >&2
  exit 2
}

# Installs again only when pyproject.toml or the extras asked for have changed.
make_venv() {
  local folder=$1 extras=$2 stamp
  stamp="$(cksum < pyproject.toml) $extras"
  if [ "$(cat "$folder/.voiceprep-stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
  echo "setting up $folder (once) …" >&2
  "$(find_python)" -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
    --editable ".[$extras]" >&2
  # Compiled once, also where PYTHONDONTWRITEBYTECODE is set: a fifth of the start.
  "$folder/bin/python" -m compileall -q voiceprep
  echo "$stamp" > "$folder/.voiceprep-stamp"
}
