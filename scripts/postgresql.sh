#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own: scripts/postgresql.sh COMMAND...
# The server lives in a temporary folder and listens on a Unix socket only; the command
# finds it in VOICEPREP_TEST_DATABASE, and when the command ends, so does the server.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 COMMAND..." >&2; exit 2; }

# Debian keeps the server's programs out of PATH, a folder a version.
bin=$(find /usr/lib/postgresql -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1)
bin=${bin:-$(command -v initdb || true)}
[ -n "$bin" ] || { echo "no PostgreSQL here; Debian: apt-get install postgresql" >&2; exit 2; }
bin=$(dirname "$bin")

folder=$(mktemp -d)
server=""
end() {
  if [ -n "$server" ]; then
    kill -INT "$server" 2>/dev/null || true  # "fast": clients are sent away
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

# initdb refuses root: root lends the folder to the user that Debian made for it.
as=()
if [ "$(id -u)" = 0 ]; then
  chown postgres: "$folder"
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
cd "$folder"  # a place that this user may be in
"${as[@]}" "$bin/initdb" --pgdata="$folder/data" --username=voiceprep --auth=trust \
  --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \
  -c fsync=off -c max_connections=200 2>"$folder/log" &
server=$!
for _ in $(seq 200); do
  "$bin/pg_isready" --quiet --host="$folder" && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.05
done

cd "$OLDPWD"
VOICEPREP_TEST_DATABASE="postgresql+psycopg://voiceprep@/postgres?host=$folder" "$@"
