#!/usr/bin/env bash
# Sets everything up and runs Belt's main job: a real four-node swarm on local machines, with a service on it.
# `demo.sh down` removes what it made.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
demo="$root/demo"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
belt() {
  printf '\033[2m$ belt'; printf ' %q' "$@"; printf '\033[0m\n'
  (cd "$demo" && "$root/bin/run.js" "$@")
}

down() {
  if [ -f "$demo/.belt.yaml" ]; then
    DOCKER_HOST=$("$root/scripts/engine.sh"); export DOCKER_HOST
    belt rm '*' --yes || true
    rm -rf "$demo"
  fi
  "$root/scripts/engine.sh" stop
}

up() {
  say 'Installing dependencies and building Belt'
  cd "$root"
  if [ ! -d node_modules ]; then npm install --no-save --no-audit --no-fund; fi
  npm run --silent build

  say 'Finding a Docker Engine'
  DOCKER_HOST=$(scripts/engine.sh); export DOCKER_HOST
  scripts/base-image.sh

  say 'A folder with a config and a key'
  mkdir -p "$demo"
  if [ ! -f "$demo/id_ed25519" ]; then ssh-keygen -q -t ed25519 -N '' -C belt-demo -f "$demo/id_ed25519"; fi
  printf 'name: demo\n\ndocker:\n  host: %s\n\nssh:\n  private_key: ./id_ed25519\n' "$DOCKER_HOST" >"$demo/.belt.yaml"
  chmod 600 "$demo/.belt.yaml"
  cat "$demo/.belt.yaml"

  say 'Creating machines'
  belt create 1gb mg0
  belt create 512mb 'node[1:3]'

  say 'Forming the swarm'
  belt swarm init mg0
  belt swarm join mg0 'node[1:3]'

  say 'Running a service'
  belt exec '*' --shell 'tar -C / -c bin/busybox | docker import - belt/hello >/dev/null && echo image ready'
  if ! belt docker service inspect web >/dev/null 2>&1; then
    belt docker service create --name web --replicas 3 --no-resolve-image --quiet \
      --publish mode=host,target=80,published=80 --constraint node.role==worker belt/hello \
      /bin/busybox sh -c '/bin/busybox mkdir -p /www && echo "hello from $HOSTNAME" >/www/index.html && exec /bin/busybox httpd -f -h /www'
  fi

  say 'What there is now'
  belt ls
  belt docker node ls
  belt docker service ps web
  belt exec node1 -- busybox wget -qO- http://127.0.0.1/

  say 'Done'
  cat <<END
Go on from the folder of the demo:
  cd demo
  ../bin/run.js ls
  ../bin/run.js docker service scale web=2
  ../bin/run.js ssh node1
Remove everything that was made:
  npm run demo -- down
END
}

case "${1:-up}" in
  up) up ;;
  down) down ;;
  *) echo "usage: $0 [up|down]" >&2; exit 2 ;;
esac
