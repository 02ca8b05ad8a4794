import { X509Certificate } from 'node:crypto'
import type { ProcessCommand } from './command.ts'

/**
 * Prints the node's certificate. Its subject names the swarm (`O`) and the role in effect (`OU`), on workers too. Only
 * root can read the folder.
 */
export const certificateCommand: ProcessCommand = {
  shell: `cat "$(docker info --format '{{.DockerRootDir}}')/swarm/certificates/swarm-node.crt"`,
  needs: 'root',
  journaled: false,
}

/** The contents of a member's certificate: the role in effect, which may differ from the role in the managers' list. */
export interface Certificate {
  readonly clusterId: string
  readonly nodeId: string | undefined
  readonly role: 'manager' | 'worker'
  /** When it expires. */
  readonly ends: Date
}

/**
 * Parses a node's certificate.
 * @throws Error if it is not a certificate, or names no swarm
 */
export function parseCertificate(pem: string): Certificate {
  const { subject, validTo } = new X509Certificate(pem)
  const named = (key: string) => new RegExp(`^${key}=(.+)$`, 'm').exec(subject)?.[1]
  const clusterId = named('O')
  if (!clusterId) throw new Error('the certificate names no swarm')
  return {
    clusterId,
    nodeId: named('CN'),
    role: named('OU') === 'swarm-manager' ? 'manager' : 'worker',
    ends: new Date(validTo),
  }
}
