import type { BackupManifest } from '../../src/domain/backup-manifest.ts'

/** What a backup says of itself, as of a swarm of one manager. */
export function manifestOf(change: Partial<BackupManifest>): BackupManifest {
  return {
    format: 1,
    createdAt: '2026-03-01T08:00:00.000Z',
    cluster: 'prod',
    clusterId: 'cluster-one',
    engineVersion: '20.10.24',
    autolock: false,
    node: { id: 'id-mg0', name: 'mg0', address: '10.0.0.1' },
    managers: [{ id: 'id-mg0', hostname: 'mg0', address: '10.0.0.1' }],
    contents: {
      services: ['web'],
      secrets: ['password'],
      configs: ['settings'],
      networks: ['ingress'],
      nodes: ['mg0'],
    },
    archive: { sha256: '0'.repeat(64), bytes: 3 },
    ...change,
  }
}
