import { X509Certificate } from 'node:crypto'
import type { ProcessCommand } from './command.ts'

/**
 * Prints the node's certificate. Its subject names the swarm (`O`) and the role in effect (`OU`), on workers too.
 * The folder belongs to root.
 */
export const certificateCommand: ProcessCommand = {
  shell: `cat "$(docker info --format '{{.DockerRootDir}}')/swarm/certificates/swarm-node.crt"`,
  journaled: false,
}

/** What a member's certificate says: unlike the managers' list, this is what is in effect. */
export interface Certificate {
  readonly clusterId: string
  readonly nodeId: string | undefined
  readonly role: 'manager' | 'worker'
}

/** Reads a node's certificate. @throws Error when it is none, or names no swarm */
export function parseCertificate(pem: string): Certificate {
  const { subject } = new X509Certificate(pem)
  const named = (key: string) => new RegExp(`^${key}=(.+)$`, 'm').exec(subject)?.[1]
  const clusterId = named('O')
  if (!clusterId) throw new Error('the certificate names no swarm')
  return { clusterId, nodeId: named('CN'), role: named('OU') === 'swarm-manager' ? 'manager' : 'worker' }
}
