import { Flags } from '@oclif/core'
import { durationFlag } from './duration-flag.ts'

const helpGroup = 'GLOBAL'

/** The flags of every command. They can precede or follow its name. */
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
    summary: 'the config file to use (default: the nearest one in this folder or above)',
  }),
  host: Flags.string({
    helpGroup,
    helpValue: 'NODES',
    summary: 'the host to work on, or several for docker (default: the active host)',
  }),
  concurrency: Flags.integer({
    helpGroup,
    min: 1,
    helpValue: 'N',
    summary: 'how many hosts to work on at once',
  }),
  timeout: durationFlag({ helpGroup, summary: 'how long to wait before giving up' }),
  'lock-wait': durationFlag({
    helpGroup,
    env: 'BELT_LOCK_WAIT',
    helpValue: '10m',
    summary: 'how long to wait while somebody else changes the swarm (default: do not wait)',
  }),
  yes: Flags.boolean({ helpGroup, char: 'y', env: 'BELT_YES', summary: 'answer yes to all questions' }),
  debug: Flags.boolean({
    helpGroup,
    env: 'BELT_DEBUG',
    summary: 'show stack traces and connection details',
  }),
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
