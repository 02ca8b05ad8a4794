import { chooseCluster } from '../config/active.ts'
import { activeHost } from '../config/remembered.ts'
import type { Cluster } from '../config/workspace.ts'
import { onlyReads } from '../remote/reading-docker.ts'

/** Where a command line was typed. */
export interface Surroundings {
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
}

/** A docker command that changes nothing, for one host of a cluster. */
export interface ReadingDocker {
  readonly cluster: Cluster
  readonly host: string
  /** Behind the word docker. */
  readonly words: readonly string[]
}

/**
 * What a command line lets docker read on one host.
 * @returns undefined when it is about anything else, or takes the parser or the config to be understood
 * @throws when no cluster is chosen
 */
export async function readingDocker(
  argv: readonly string[],
  from: Surroundings,
): Promise<ReadingDocker | undefined> {
  const index = argv.indexOf('docker')
  const words = argv.slice(index + 1)
  const named = hostIn(argv.slice(0, index))
  if (index === -1 || named === undefined || !onlyReads(words)) return undefined
  const cluster = await chosenCluster(from)
  const host = named || (await activeHost(cluster).get())
  return host === undefined ? undefined : { cluster, host, words }
}

/** The cluster that the folder and the environment point to, where no flag does. */
export function chosenCluster({ cwd, environment }: Surroundings): Promise<Cluster> {
  return chooseCluster({ cwd, cluster: environment.BELT_CLUSTER })
}

/** The one host that is named before `docker`; empty when none is; undefined for anything else that stands there. */
function hostIn(flags: readonly string[]): string | undefined {
  if (flags.length === 0) return ''
  const [, name] = /^--host[= ]([a-z0-9][a-z0-9-]*)$/.exec(flags.join(' ')) ?? []
  return name
}
