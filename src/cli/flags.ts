import { Flags } from '@oclif/core'
import { parseDuration } from '../domain/duration.ts'
import { usageError } from '../errors.ts'

const helpGroup = 'GLOBAL'

/** A flag that takes a span of time; its value is in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: '30s',
  async parse(text) {
    const milliseconds = parseDuration(text)
    if (milliseconds === undefined) {
      throw usageError('bad-duration', `"${text}" is no span of time`, { hint: 'write 30s, 10m or 1h30m' })
    }
    return milliseconds
  },
})

/** The flags that every command takes, before or behind its name. */
export const globalFlags = {
  cluster: Flags.string({
    helpGroup,
    env: 'BELT_CLUSTER',
    helpValue: 'NAME',
    summary: 'the cluster to work on',
  }),
  config: Flags.string({
    helpGroup,
    helpValue: 'FILE',
    exclusive: ['cluster'],
    summary: 'the config file to use, instead of the one found from here upwards',
  }),
  host: Flags.string({
    helpGroup,
    helpValue: 'NODES',
    summary: 'the host (or hosts, for docker) to talk to, instead of the active one',
  }),
  concurrency: Flags.integer({
    helpGroup,
    min: 1,
    helpValue: 'N',
    summary: 'how many hosts to talk to at once',
  }),
  timeout: durationFlag({ helpGroup, summary: 'how long to wait before giving up' }),
  'lock-wait': durationFlag({
    helpGroup,
    env: 'BELT_LOCK_WAIT',
    helpValue: '10m',
    summary: 'how long to wait while another changes the swarm, instead of giving up at once',
  }),
  yes: Flags.boolean({ helpGroup, char: 'y', env: 'BELT_YES', summary: 'do not ask before destroying' }),
  debug: Flags.boolean({ helpGroup, env: 'BELT_DEBUG', summary: 'show stacks and what happens underneath' }),
}

export type GlobalFlags = {
  cluster?: string | undefined
  config?: string | undefined
  host?: string | undefined
  concurrency?: number | undefined
  timeout?: number | undefined
  'lock-wait'?: number | undefined
  yes?: boolean
  debug?: boolean
}
