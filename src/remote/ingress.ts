import type { PublishedService } from '../domain/swarm/ingress-room.ts'
import type { ProcessCommand } from './command.ts'
import { EngineObject } from './engine-json.ts'

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
    .flatMap(line => EngineObject.readList(line))
    .map(config => config.text('Subnet'))
    .filter(subnet => !subnet.includes(':'))
  const services = lines
    .filter(line => line.startsWith('{'))
    .map(line => EngineObject.read(line))
    .filter(service => service.text('Ports') !== '')
    .map(service => ({
      isGlobal: service.text('Mode').startsWith('global'),
      tasks: Number(/\/(\d+)/.exec(service.text('Replicas'))?.[1] ?? 0),
    }))
  return { subnets, services }
}
