# Sourced by bin/demo, bin/test, bin/bench and .ci/run: makes the environment of uv.lock. POSIX sh.
# Needs $root, the folder of the project. Gives `set_up_environment FOLDER [uv sync options]`.
# An environment is made whole or not at all: one that was left unfinished is thrown away by the next run.
# shellcheck shell=sh disable=SC2154

say() { printf '%s\n' "$*" >&2; }
stop() { say "Erreur : $*"; exit 1; }

# True when $1 is a Python from 3.11 on and before 3.$2.
is_python_before() {
    "$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, $2))" >/dev/null 2>&1
}

# Prints the path of the Python to use. Versions for which every locked wheel exists (3.11 to 3.14) come first.
find_python() {
    for below in 15 99; do
        for candidate in "${ALLERVERS_PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
            if is_python_before "$candidate" "$below"; then
                "$candidate" -c 'import sys; print(sys.executable)'
                return 0
            fi
        done
    done
    found=$(python3 -c 'import platform; print("version " + platform.python_version())' 2>/dev/null || echo "aucun")
    stop "AllerVers demande Python 3.11 ou plus récent (python3 trouvé : $found).
Installez-le (Debian 12 ou plus récent : apt install python3 python3-venv), ou donnez son chemin :
ALLERVERS_PYTHON=/chemin/vers/python3.11 bin/demo"
}

# What an up-to-date environment was made from: its place (scripts hold absolute paths), its Python, the lock.
fingerprint() {
    printf '%s\n' "$root/$1" "$2"
    "$root/$1/bin/python" -V 2>&1
    cat "$root/pyproject.toml" "$root/uv.lock" | cksum
}

is_up_to_date() {
    [ -f "$root/$1/.allervers-stamp" ] && [ -x "$root/$1/bin/python" ] &&
        [ "$(fingerprint "$1" "$2")" = "$(cat "$root/$1/.allervers-stamp")" ]
}

# Waits for another set-up of the same environment; a lock whose process is gone is taken over.
take_lock() {
    waiting=
    until mkdir "$lock" 2>/dev/null; do
        owner=$(cat "$lock/pid" 2>/dev/null || echo)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$lock"
            continue
        fi
        [ -d "$root" ] && [ -w "$root" ] || stop "le dossier $root n'est pas accessible en écriture."
        [ -n "$waiting" ] || say "Une autre installation est en cours dans ce dossier, attente… ($lock)"
        waiting=yes
        sleep 1
    done
    echo $$ >"$lock/pid"
}

leave_clean() {
    if [ -e "$folder/.allervers-unfinished" ]; then
        rm -rf "$folder"
    fi
    rm -rf "$lock"
}

# Says why an installation failed, from what the tool wrote in $log.
explain_failure() {
    tail -n 15 "$log" >&2
    if grep -qiE 'dns error|name resolution|failed to fetch|error sending request|connect(ion)? |timed out|unreachable|No matching distribution|Network connectivity is disabled' "$log"; then
        stop "le téléchargement des bibliothèques a échoué. Vérifiez la connexion à internet ou le proxy
(variables HTTPS_PROXY, SSL_CERT_FILE ; miroir : UV_DEFAULT_INDEX et PIP_INDEX_URL), puis relancez la même commande.
Rien n'a été laissé à moitié installé."
    fi
    stop "l'installation a échoué ; le détail est ci-dessus. Rien n'a été laissé à moitié installé."
}

# Prints the uv of the machine when it is recent enough to read our lock; else nothing.
find_uv() {
    version=$(uv --version 2>/dev/null) || return 0
    case $version in
        "uv 0."[0-7].*) ;;
        "uv "*) command -v uv ;;
    esac
}

# Installs in $folder the uv named by uv.lock, its checksums verified.
bootstrap_uv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || stop "le module venv de Python est absent.
Installez-le (Debian, Ubuntu : apt install python3-venv), ou installez uv (https://docs.astral.sh/uv/)."
    "$python" -m venv "$folder" >"$log" 2>&1 || explain_failure
    "$python" -c '
import sys, tomllib
with open(sys.argv[1], "rb") as lock:
    uv = next(package for package in tomllib.load(lock)["package"] if package["name"] == "uv")
print("uv==" + uv["version"], *("--hash=" + wheel["hash"] for wheel in uv["wheels"]))
' "$root/uv.lock" >"$folder/uv.txt" || stop "le fichier uv.lock est illisible."
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
        --require-hashes -r "$folder/uv.txt" >"$log" 2>&1 || explain_failure
}

# Makes, or brings up to date, the environment $root/FOLDER. Runs in a subshell: its traps stay its own.
set_up_environment() (
    name=$1
    shift
    if is_up_to_date "$name" "$*"; then exit 0; fi
    folder=$root/$name
    lock=$root/$name.lock
    take_lock
    log=$lock/log
    trap leave_clean EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if is_up_to_date "$name" "$*"; then exit 0; fi  # made while we waited

    python=$(find_python) || exit 1
    say "Préparation de l'environnement $name (une fois ; quelques minutes si tout est à télécharger)…"
    if [ -e "$folder/.allervers-unfinished" ] || ! is_reusable "$name"; then rm -rf "$folder"; fi
    uv=$(find_uv)
    if [ ! -d "$folder" ]; then
        mkdir "$folder" || stop "le dossier $root n'est pas accessible en écriture."
        : >"$folder/.allervers-unfinished"
        [ -n "$uv" ] || bootstrap_uv
    fi
    if [ -z "$uv" ] && [ ! -x "$folder/bin/uv" ]; then bootstrap_uv; fi
    if [ -n "$uv" ] && [ ! -x "$folder/bin/python" ]; then
        "$uv" venv --quiet --allow-existing --no-python-downloads --python "$python" "$folder" >"$log" 2>&1 || explain_failure
    fi
    rm -f "$folder/.allervers-stamp"
    (cd "$root" && env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT="$folder" UV_PYTHON_DOWNLOADS=never \
        "${uv:-$folder/bin/uv}" sync --frozen --compile-bytecode --python "$folder/bin/python" "$@") >"$log" 2>&1 || explain_failure
    fingerprint "$name" "$*" >"$folder/.allervers-stamp"
    rm -f "$folder/.allervers-unfinished"
)

# An environment that was made elsewhere (the project was moved) or whose Python is gone is made anew.
is_reusable() {
    "$root/$1/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || return 1
    [ ! -f "$root/$1/.allervers-stamp" ] || [ "$(head -n 1 "$root/$1/.allervers-stamp")" = "$root/$1" ]
}
