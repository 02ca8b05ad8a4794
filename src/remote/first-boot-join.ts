import { httpRequest } from './engine.ts'
import { joinCommand } from './swarm.ts'

export interface FirstBootJoin {
  readonly token: string
  /** Managers to join through, `address:port`, tried in turn. */
  readonly managers: readonly string[]
  /** The longest random delay before a machine joins, so that hundreds do not join at the same time. */
  readonly spreadSeconds: number
}

/** When a machine gives up. Its engine may be installed first. The token becomes invalid long before. */
const GIVES_UP_AFTER_SECONDS = 3600

/** The log of the join on the machine, without secrets. */
export const FIRST_BOOT_LOG = '/var/log/belt-join.log'

/**
 * The script with which a machine joins a swarm as a worker at its first start, once its engine answers. It joins in
 * the background, so that later scripts can install the engine. The token is in the script, which the shell reads, and
 * in a pipe, but never in an argument. While the engine retries a join by itself, the script sends no new request.
 */
export function firstBootJoinScript({ token, managers, spreadSeconds }: FirstBootJoin): string {
  return `#!/bin/sh
# Joins a Docker swarm. The token below is replaced as soon as the machines that were made with it have joined.
umask 077
trap '' PIPE

random() { od -An -N2 -tu2 /dev/urandom; }
uptime_seconds() { cut -d. -f1 /proc/uptime; }

request() {
  case $(($1 % ${managers.length})) in
${managers.map((manager, index) => `    ${index}) ${requestLine(token, manager)} ;;`).join('\n')}
  esac
}

# Standard input of dial-stdio stays open: the engine takes its end for a hang-up.
ask_engine() {
  mkfifo "$folder/request" || return
  timeout 60 docker system dial-stdio <"$folder/request" >"$folder/answer" 2>&1 &
  exec 3>"$folder/request"
  request "$1" >&3
  wait $!
  exec 3>&-
  rm "$folder/request"
  tail -n 1 "$folder/answer"
}

join() {
  folder=$(mktemp -d) || exit
  trap 'rm -rf "$folder"' EXIT
  end=$(($(uptime_seconds) + ${GIVES_UP_AFTER_SECONDS}))
  sleep $(($(random) % ${Math.max(1, Math.floor(spreadSeconds) + 1)}))
  next=$(random)
  while [ "$(uptime_seconds)" -lt "$end" ]; do
    case $(docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null) in
      active) echo "a member of a swarm"; exit ;;
      error) docker swarm leave ;; # from a join that came to nothing: it was never a member
      inactive) ask_engine "$next"; next=$((next + 1)) ;;
    esac
    if grep -qs 'valid join token' "$folder/answer"; then echo "given up"; exit 1; fi
    sleep 2
  done
  echo "given up after ${GIVES_UP_AFTER_SECONDS} s"
}

join </dev/null >${FIRST_BOOT_LOG} 2>&1 &
`
}

/** The line that prints the request to one manager. The engine tries only the first address in a request. */
function requestLine(token: string, manager: string): string {
  const request = httpRequest(joinCommand({ token, managers: [manager] }).engine)
  const format = request.replace(/[\\%]/g, '$&$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n')
  return `printf '${format.replaceAll("'", "'\\''")}'`
}
