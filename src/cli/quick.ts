import { chooseCluster, useCluster } from '../config/active.ts'
import { activeHost } from '../config/remembered.ts'
import type { Cluster } from '../config/workspace.ts'
import { onlyReads } from '../remote/reading-docker.ts'

/**
 * Does what is called most often, and needs neither the parser of the command line nor the config, without loading
 * them: printing and choosing what is active, and docker's reading commands on a host whose connection is kept. Whatever
 * is not as usual is left to the command itself.
 * @returns whether it is done; if not, nothing was
 */
export async function quick(argv: readonly string[]): Promise<boolean> {
  if (process.env.BELT_DEBUG) return false
  try {
    const [word, argument, ...more] = argv
    if (argument?.startsWith('-') && word !== 'docker') return await quickDocker(argv)
    if (word === 'active' && argument === undefined) return await printActive()
    if (word === 'use' && more.length === 0) return await use(argument)
    return await quickDocker(argv)
  } catch {
    return false // the command itself meets the same failure, and knows how to tell it
  }
}

async function printActive(): Promise<boolean> {
  const cluster = await chosenCluster()
  const host = await activeHost(cluster).get()
  if (host !== undefined) process.stdout.write(`${cluster.name}/${host}\n`)
  return host !== undefined
}

async function use(name: string | undefined): Promise<boolean> {
  const cluster = name === undefined ? await chosenCluster() : await useCluster(process.cwd(), name)
  process.stdout.write(`${cluster.name}\n`)
  return true
}

async function quickDocker(argv: readonly string[]): Promise<boolean> {
  const index = argv.indexOf('docker')
  const words = argv.slice(index + 1)
  const host = hostIn(argv.slice(0, index))
  if (index === -1 || host === undefined || !onlyReads(words)) return false
  const cluster = await chosenCluster()
  const name = host || (await activeHost(cluster).get())
  if (name === undefined) return false
  const { warmDocker } = await import('./warm-docker.ts')
  return warmDocker(cluster, name, words)
}

/** The one host that is named before `docker`; empty when none is; undefined for anything else that stands there. */
function hostIn(flags: readonly string[]): string | undefined {
  if (flags.length === 0) return ''
  const [, name] = /^--host[= ]([a-z0-9][a-z0-9-]*)$/.exec(flags.join(' ')) ?? []
  return name
}

function chosenCluster(): Promise<Cluster> {
  return chooseCluster({ cwd: process.cwd(), cluster: process.env.BELT_CLUSTER })
}
