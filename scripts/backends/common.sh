# What the scripts of this folder share: a real server, obtained once, started on loopback, stopped by its process id.
# A script sets `name` and `patience_seconds` and defines
#   obtain   puts what it needs below $cache, once
#   launch   starts the server in the background, its output to $run/log, and sets `pid`
#   urls     prints NAME=URL lines
#   answers  succeeds when the server is ready
# and ends with `main "$@"`. The settings, all optional:
#   TRACESPEC_BACKENDS      where servers are kept between starts
#   TRACESPEC_BACKENDS_RUN  where process ids, logs and data of running servers are; another folder is another set of servers
#   ..._PORT                a fixed port instead of a free one; each script names its own
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${TRACESPEC_BACKENDS:-${XDG_CACHE_HOME:-$HOME/.cache}/tracespec-backends}
run=${TRACESPEC_BACKENDS_RUN:-$cache/run}/$name
node=$here/../../node_modules/.bin/node

main() {
  case "${1:-}" in
    start) start ;;
    stop) stop ;;
    url) is_running || fail "$name is not running"; cat "$run/urls" ;;
    *) echo "usage: scripts/backends/$name start|stop|url" >&2; exit 2 ;;
  esac
}

start() {
  mkdir -p "$cache" "$(dirname "$run")"
  # Two starts at a time: the second waits, then finds the server running. The server itself must not hold the lock.
  exec 9>"$cache/$name.lock"
  flock 9
  if ! is_running; then
    obtain 9>&- >&2
    rm -rf "$run"
    mkdir -p "$run"
    launch 9>&-
    echo "$pid $(begun_at "$pid")" >"$run/pid"
    wait_until_it_answers
    urls >"$run/urls"
  fi
  cat "$run/urls"
}

wait_until_it_answers() {
  local deadline=$((SECONDS + patience_seconds))
  until answers >/dev/null 2>&1; do
    is_running || fail "$name ended before it answered"
    ((SECONDS < deadline)) || fail "$name did not answer within $patience_seconds seconds"
    sleep 0.2
  done
}

stop() {
  if is_running; then
    read -r pid _ <"$run/pid"
    kill "$pid"
    local deadline=$((SECONDS + 15))
    while is_running && ((SECONDS < deadline)); do sleep 0.1; done
    if is_running; then kill -KILL "$pid"; fi
  fi
  if declare -F after_stop >/dev/null; then after_stop; fi
  rm -rf "$run"
}

# The start time guards against a process id that another process has got since.
is_running() {
  [[ -s $run/pid ]] || return 1
  local started begun
  read -r started begun <"$run/pid"
  [[ -n $begun && $(begun_at "$started") == "$begun" ]]
}

begun_at() { ps -o lstart= -p "$1" | tr -s ' ' '_' || true; }

fail() {
  echo "$1" >&2
  if [[ -f $run/log ]]; then tail -n 30 "$run/log" >&2; fi
  exit 1
}

# Sets each variable named, unless the environment did, to a port that nobody listens on.
free_ports() {
  local ports port
  read -r -a ports < <("$node" -e '
    const { createServer } = require("node:net")
    const servers = process.argv.slice(1).map(() => createServer().listen(0, "127.0.0.1"))
    Promise.all(servers.map((server) => new Promise((resolve) => server.on("listening", resolve)))).then(() => {
      console.log(servers.map((server) => server.address().port).join(" "))
      for (const server of servers) server.close()
    })' "$@")
  for port in "$@"; do
    printf -v "$port" '%s' "${!port:-${ports[0]}}"
    ports=("${ports[@]:1}")
  done
}

listens() { (exec 8<>"/dev/tcp/127.0.0.1/$1"); }

needs() { command -v "$1" >/dev/null || fail "$name needs $1: $2"; }
