import { useCluster } from '../config/active.ts'
import { activeHost } from '../config/remembered.ts'
import { chosenCluster, readingDocker, type Surroundings } from './reading-docker.ts'

/**
 * Does what is called most often, and needs neither the parser of the command line nor the config, without loading
 * them: printing and choosing what is active, and docker's reading commands on a host whose connection is kept. Whatever
 * is not as usual is left to the command itself.
 * @returns whether it is done; if not, nothing was
 */
export async function quick(argv: readonly string[]): Promise<boolean> {
  if (process.env.BELT_DEBUG) return false
  try {
    const here = { cwd: process.cwd(), environment: process.env }
    const [word, argument, ...more] = argv
    if (argument?.startsWith('-') && word !== 'docker') return await quickDocker(argv, here)
    if (word === 'active' && argument === undefined) return await printActive(here)
    if (word === 'use' && more.length === 0) return await use(argument, here)
    return await quickDocker(argv, here)
  } catch {
    return false // the command itself meets the same failure, and knows how to tell it
  }
}

async function printActive(here: Surroundings): Promise<boolean> {
  const cluster = await chosenCluster(here)
  const host = await activeHost(cluster).get()
  if (host !== undefined) process.stdout.write(`${cluster.name}/${host}\n`)
  return host !== undefined
}

async function use(name: string | undefined, here: Surroundings): Promise<boolean> {
  const cluster = name === undefined ? await chosenCluster(here) : await useCluster(here.cwd, name)
  process.stdout.write(`${cluster.name}\n`)
  return true
}

async function quickDocker(argv: readonly string[], here: Surroundings): Promise<boolean> {
  const asked = await readingDocker(argv, here)
  if (!asked) return false
  const { warmDocker } = await import('./warm-docker.ts')
  return warmDocker(asked)
}
