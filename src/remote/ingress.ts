import type { PublishedService } from '../domain/swarm/ingress-room.ts'
import type { ProcessCommand } from './command.ts'

/** The subnets of the ingress network, and the services that use them. */
export interface Ingress {
  /** Its IPv4 subnets; empty if the swarm has no ingress network. */
  readonly subnets: readonly string[]
  readonly services: readonly PublishedService[]
}

const SUBNETS = '{{if .Ingress}}{{json .IPAM.Config}}{{end}}'

/** Prints the subnets of the ingress network, whatever its name, and all services. Runs on a manager. */
export const ingressCommand: ProcessCommand = {
  shell: [
    'networks=$(docker network ls --quiet --filter scope=swarm)',
    `{ [ -z "$networks" ] || docker network inspect --format '${SUBNETS}' $networks; }`,
    "docker service ls --format '{{json .}}'",
  ].join(' && '),
  needs: 'engine',
  journaled: false,
}

/**
 * Parses the output of `ingressCommand`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseIngress(stdout: string): Ingress {
  const lines = stdout.split('\n').filter(line => line.trim() !== '')
  const subnets = lines
    .filter(line => line.startsWith('['))
    .flatMap(line => JSON.parse(line) as { Subnet: string }[])
    .map(({ Subnet }) => Subnet)
    .filter(subnet => !subnet.includes(':'))
  const services = lines
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as { Mode: string; Replicas: string; Ports: string })
    .filter(({ Ports }) => Ports !== '')
    .map(({ Mode, Replicas }) => ({
      isGlobal: Mode.startsWith('global'),
      tasks: Number(/\/(\d+)/.exec(Replicas)?.[1] ?? 0),
    }))
  return { subnets, services }
}
