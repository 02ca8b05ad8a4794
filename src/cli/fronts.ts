import { connectionFingerprint } from '../config/connection-fingerprint.ts'
import { nameOfSocket } from '../hosts/agent/protocol/socket-folder.ts'
import type { Fronts } from '../hosts/agent/server/served-front.ts'
import { packageVersion } from '../package-files.ts'
import { command } from '../remote/command.ts'
import { renderError } from '../ui/error.ts'
import { exitCodeOf } from './exit-code.ts'
import { readingDocker } from './reading-docker.ts'

/**
 * How the agent of a socket answers fronts: as the command line would do, in the folder and the environment of the front,
 * what it does over this very agent.
 */
export function frontsOf(socketPath: string): Fronts {
  return {
    async understand({ version, argv, cwd, environment }) {
      if (version !== packageVersion) return undefined
      const asked = await readingDocker(argv, { cwd, environment })
      if (!asked || (await connectionFingerprint(asked.cluster, environment)) !== nameOfSocket(socketPath))
        return undefined
      return { host: asked.host, command: command('docker', ...asked.words) }
    },
    tell(error, { environment, isTerminal }) {
      const stream = { isTTY: isTerminal }
      return { text: renderError(error, { stream, environment }), code: exitCodeOf(error) }
    },
  }
}
