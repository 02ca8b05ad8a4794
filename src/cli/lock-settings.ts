import { hostname, userInfo } from 'node:os'
import type { LockSettings } from '../operations/fleet.ts'

/** Passes the lock to child processes. */
const TOKEN_VARIABLE = 'BELT_LOCK'

/** The variables in which common CI servers store the number of a run. */
const RUN_VARIABLES = [
  'GITHUB_RUN_NUMBER',
  'CI_PIPELINE_ID',
  'BUILDKITE_BUILD_NUMBER',
  'CIRCLE_BUILD_NUM',
  'BUILD_NUMBER',
]

/** The lock settings of this run, from the user, the machine and the environment. */
export function lockSettings(file: string, waitMs = 0, environment = process.env): LockSettings {
  return {
    holder: `${userName()}@${hostname()}${runOf(environment)}`,
    waitMs,
    file,
    token: {
      get: () => environment[TOKEN_VARIABLE],
      set(token) {
        if (token === undefined) delete environment[TOKEN_VARIABLE]
        else environment[TOKEN_VARIABLE] = token
      },
    },
  }
}

/** In a container, the user may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`
  }
}

function runOf(environment: NodeJS.ProcessEnv): string {
  const number = RUN_VARIABLES.map(name => environment[name]).find(Boolean)
  if (number) return ` (ci#${number})`
  return environment.CI ? ' (ci)' : ''
}
