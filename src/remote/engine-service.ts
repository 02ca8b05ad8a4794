import { type ProcessCommand, reading } from './command.ts'

/** A line for whichever of the two starts services on a host. */
function byInit(systemd: string, script: string): string {
  return `if [ -d /run/systemd/system ]; then ${systemd}; else ${script}; fi`
}

/** Starts the engine; harmless where it runs. A line for a shell, which prints nothing on standard output. */
export const startEngineLine = byInit('systemctl start docker', 'service docker start >&2')

/** Stops the engine, and the socket that would start it again. A line for a shell, as above. */
export const stopEngineLine = byInit(
  'systemctl stop docker.socket 2>/dev/null || true; systemctl stop docker',
  'service docker stop >&2',
)

/**
 * Sets `root` to the folder of the engine's data, which need not be the usual one; fails in a shell with `set -e` when the
 * engine does not tell it. Two commands, as the failure of the first of `a && b` would end no shell.
 */
export const engineRootLine = `root=$(docker info --format '{{.DockerRootDir}}'); [ -n "$root" ]`

/** Starts the engine; harmless where it runs. */
export const startEngineCommand: ProcessCommand = { shell: startEngineLine }

/** Restarts the engine, and with it the containers that run on it. */
export const restartEngineCommand: ProcessCommand = {
  shell: byInit('systemctl restart docker', 'service docker restart'),
}

/** Prints the version of the engine that runs. */
export const engineVersionCommand: ProcessCommand = reading(
  'docker',
  'version',
  '--format',
  '{{.Server.Version}}',
)

/** Prints the last lines of the engine's log, where there is one. */
export function engineLogCommand(lines: number): ProcessCommand {
  return {
    shell: `if [ -d /run/systemd/system ]; then journalctl --unit docker --no-pager --output cat --lines ${lines}; else tail -n ${lines} /var/log/docker.log; fi`,
    journaled: false,
  }
}
