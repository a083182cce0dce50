# Sourced by .ci/run: a PostgreSQL of its own for the tests, in a folder of its own, on a socket alone. POSIX sh.
# Gives `start_postgresql FOLDER`, which sets DATABASE_URL, and `stop_postgresql`.
# shellcheck shell=sh

# PostgreSQL refuses to run as root: then it runs as the user that Debian's package made.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgresql() {
    pg_folder=$1
    pg_bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$pg_bin" ] || stop "PostgreSQL manque (Debian : apt install postgresql)."
    mkdir -p "$pg_folder"
    chmod 711 "$(dirname "$pg_folder")" "$pg_folder"
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$pg_folder"; fi
    as_owner "$pg_bin/initdb" -D "$pg_folder/data" -A trust -U allervers --no-sync >"$pg_folder.log" 2>&1 || stop "initdb a échoué : $(tail -n 3 "$pg_folder.log")"
    as_owner "$pg_bin/pg_ctl" -D "$pg_folder/data" -w -l "$pg_folder/data/log" \
        -o "-c listen_addresses= -c unix_socket_directories=$pg_folder -c fsync=off" start >/dev/null || stop "PostgreSQL n'a pas démarré."
    DATABASE_URL="postgresql://allervers@/postgres?host=$pg_folder"
    export DATABASE_URL
}

stop_postgresql() {
    if [ -n "${DATABASE_URL:-}" ]; then
        as_owner "$pg_bin/pg_ctl" -D "$pg_folder/data" -m immediate stop >/dev/null 2>&1 || true
        unset DATABASE_URL
    fi
}
