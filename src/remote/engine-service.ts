import type { Command } from './command.ts'

/** Restarts the engine, and with it the containers that run on it. */
export const restartEngineCommand: Command = {
  run: {
    shell: 'if [ -d /run/systemd/system ]; then systemctl restart docker; else service docker restart; fi',
  },
}
