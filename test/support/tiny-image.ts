import type { TestCluster } from './cluster.ts'

/** An image for services, made on the machines of their own files: no registry need be reached. */
export const TINY_IMAGE = 'tiny'

/** The shell line that imports it on a host. */
export const IMPORT_TINY_IMAGE = [
  `tar -chf - /bin/sh /bin/sleep $(ldd /bin/sh /bin/sleep | grep -o '/lib[^ :]*' | sort -u) 2>/dev/null`,
  `docker import - ${TINY_IMAGE}`,
].join(' | ')

/** Gives every machine of a cluster the image. */
export async function provideTinyImage(cluster: TestCluster): Promise<void> {
  const { code, stderr } = await cluster.run(['exec', '@all', '--shell', IMPORT_TINY_IMAGE])
  if (code !== 0) throw new Error(`no image: ${stderr}`)
}

/** The words of `belt docker service create` for a service that sleeps and is slow to stop. */
export function sleeper(name: string, ...options: string[]): string[] {
  return [
    ...['docker', 'service', 'create', '--detach', '--no-resolve-image', '--stop-grace-period', '2s'],
    ...['--name', name, ...options, TINY_IMAGE, '/bin/sleep', '1000'],
  ]
}
