import type { EngineSurroundings } from '../domain/upgrade/engine-risks.ts'
import type { ProcessCommand } from './command.ts'

const NFTABLES = `'firewall-backend["=:[:space:]]*nftables'`

/** Reads what an upgrade of the engine depends on. Only a manager knows all networks of the swarm. */
export const engineSurroundingsCommand: ProcessCommand = {
  shell: [
    "[ -e /sys/fs/cgroup/cgroup.controllers ] || echo 'cgroup 1'",
    `! { cat /etc/docker/daemon.json; ps -eo args | grep '^[^ ]*dockerd'; } 2>/dev/null | grep -q ${NFTABLES} || echo 'firewall nftables'`,
    'networks=$(docker network ls --quiet --filter scope=swarm --filter driver=overlay) || exit',
    `[ -z "$networks" ] || docker network inspect --format '{{$name := .Name}}{{range $key, $value := .Options}}{{if eq $key "encrypted"}}encrypted {{$name}}{{end}}{{end}}' $networks`,
  ].join('\n'),
  journaled: false,
}

/** Parses the output of `engineSurroundingsCommand`. */
export function parseEngineSurroundings(stdout: string): EngineSurroundings {
  return {
    cgroupV1: /^cgroup 1$/m.test(stdout),
    nftables: /^firewall nftables$/m.test(stdout),
    encrypted: [...stdout.matchAll(/^encrypted (\S+)$/gm)].map(([, name = '']) => name),
  }
}
