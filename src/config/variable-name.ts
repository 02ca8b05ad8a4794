import { sharedSections } from './schema.ts'

/**
 * The environment variable for a key: `DOCKER_REGION` for a driver's `region`, `BELT_SSH_USER` for `ssh.user`,
 * `BELT_SWARM_ADVERTISE` for `swarm.advertise`.
 */
export function variableOf(section: string, key: string): string {
  const prefix = Object.hasOwn(sharedSections, section) ? `BELT_${section}` : section
  return `${prefix}_${key}`.toUpperCase()
}
