import { type ProcessCommand, readingDocker } from './command.ts'

/** A line that works with systemd and with init scripts. */
function byInit(systemd: string, script: string): string {
  return `if [ -d /run/systemd/system ]; then ${systemd}; else ${script}; fi`
}

/** Starts the engine if it is not running. A shell line that prints nothing on standard output. */
export const startEngineLine = byInit('systemctl start docker', 'service docker start >&2')

/** Stops the engine and the socket that would start it again. A shell line, as above. */
export const stopEngineLine = byInit(
  'systemctl stop docker.socket 2>/dev/null || true; systemctl stop docker',
  'service docker stop >&2',
)

/**
 * Sets `root` to the engine's data folder, which need not be the default one. In a shell with `set -e`, fails if the engine
 * does not report it. It is two commands because a failure of the first in `a && b` does not end the shell.
 */
export const engineRootLine = `root=$(docker info --format '{{.DockerRootDir}}'); [ -n "$root" ]`

/** Starts the engine if it is not running. */
export const startEngineCommand: ProcessCommand = { shell: startEngineLine, needs: 'root' }

/** Restarts the engine and its containers. */
export const restartEngineCommand: ProcessCommand = {
  shell: byInit('systemctl restart docker', 'service docker restart'),
  needs: 'root',
}

/** Prints the version of the running engine. */
export const engineVersionCommand: ProcessCommand = readingDocker(
  'version',
  '--format',
  '{{.Server.Version}}',
)

/** Prints the last lines of the engine's log, if there is one. */
export function engineLogCommand(lines: number): ProcessCommand {
  return {
    shell: `if [ -d /run/systemd/system ]; then journalctl --unit docker --no-pager --output cat --lines ${lines}; else tail -n ${lines} /var/log/docker.log; fi`,
    needs: 'root',
    journaled: false,
  }
}

/** Looks for Docker's client. */
export const clientCommand: ProcessCommand = { shell: 'command -v docker', journaled: false }
