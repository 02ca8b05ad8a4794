import { chooseCluster, useCluster } from '../config/active.ts'
import { activeHost } from '../config/remembered.ts'

/**
 * Runs `belt active` and `belt use` without loading the command-line parser or the config schema, because prompts and
 * scripts call them often. Leaves everything else, including failures, to the commands (docs/decisions/start.md).
 * @returns whether the command is done; if not, nothing was changed
 */
export async function fastPath([word, name, ...more]: readonly string[]): Promise<boolean> {
  if (process.env.BELT_DEBUG || name?.startsWith('-') || more.length > 0) return false
  try {
    if (word === 'active' && name === undefined) return await printActive()
    if (word === 'use') return await use(name)
    return false
  } catch {
    return false // the command hits the same failure and explains it
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

function chosenCluster() {
  return chooseCluster({ cwd: process.cwd(), cluster: process.env.BELT_CLUSTER })
}
