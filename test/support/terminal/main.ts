/** Runs commands on made-up fleets, one after the other under a heading, for tests of what a terminal shows. */
import { once } from 'node:events'
import { resolve } from 'node:path'
import { Config } from '@oclif/core'
import { BeltCommand } from '../../../src/cli/base-command.ts'
import Exec from '../../../src/commands/exec.ts'
import Ls from '../../../src/commands/ls.ts'
import SwarmStatusCommand from '../../../src/commands/swarm/status.ts'
import { BeltError } from '../../../src/errors.ts'
import type { Host } from '../../../src/hosts/host.ts'
import type { Fleet } from '../../../src/operations/fleet.ts'
import { recordedProgress } from '../../../src/progress.ts'
import { stdio } from '../../../src/ui/stdio.ts'
import { FakeDriver } from '../fake-driver.ts'
import { fakeFleet } from '../fake-fleet.ts'
import { FakeRecorder } from '../fake-recorder.ts'
import { FakeSwarm } from '../fake-swarm.ts'

const spinning = new EventTarget()
const write = process.stderr.write.bind(process.stderr) as (...args: unknown[]) => boolean
process.stderr.write = ((text: unknown, ...rest: unknown[]) => {
  if (/[\u2800-\u28ff]/.test(String(text))) spinning.dispatchEvent(new Event('drawn'))
  return write(text, ...rest)
}) as typeof process.stderr.write

/** Resolves when a spinner is drawn; at once where none ever is. */
async function spinnerDrawn(): Promise<void> {
  if (process.stderr.isTTY) await once(spinning, 'drawn')
}

const progress = recordedProgress(stdio.progress, new FakeRecorder())

abstract class Scripted extends BeltCommand {
  static override enableJsonFlag = false
}

type CommandClass = (new (
  ...args: ConstructorParameters<typeof BeltCommand>
) => BeltCommand) &
  Pick<typeof BeltCommand, 'run'>

const scenarios: Record<string, readonly [CommandClass, string[]]> = {
  exec: [
    class extends Exec {
      protected override openFleet = async () => madeUpFleet()
    },
    ['node[1:4]', '--gather', '--', 'cat', '/etc/debian_version'],
  ],
  'exec-failing': [
    class extends Exec {
      protected override openFleet = async () => madeUpFleet()
    },
    ['node[1:4]', '--gather', '--', 'false'],
  ],
  'swarm-status': [
    class extends SwarmStatusCommand {
      protected override openFleet = async () => madeUpFleet()
    },
    [],
  ],
  ls: [
    class extends Ls {
      protected override openFleet = async () => madeUpFleet()
    },
    ['--wide'],
  ],
  nested: [
    class extends Scripted {
      override async run() {
        const outer = progress.start('Upgrading nodes', 1)
        await spinnerDrawn()
        const inner = progress.start('Draining node1', 3)
        inner.step('web')
        inner.done()
        outer.step('node1')
        outer.done()
        this.print('node1: upgraded\nnode2: upgraded\n')
      }
    },
    [],
  ],
  'while-running': [
    class extends Scripted {
      override async run() {
        const task = progress.start('Promoting nodes', 2)
        await spinnerDrawn()
        this.print('node1: is a manager now\n')
        progress.note('warning: two managers tolerate no loss')
        await spinnerDrawn()
        this.print('node2: is a manager now\n')
        task.done()
        progress.start('Waiting for the swarm to become healthy').done()
        this.print('all nodes are managers\n')
      }
    },
    [],
  ],
  abandoned: [
    class extends Scripted {
      override async run() {
        progress.start('Copying', 2).step('node1')
        await spinnerDrawn()
        throw new BeltError('no-room', 'no room is left', { hint: 'remove something' })
      }
    },
    [],
  ],
}

function madeUpFleet(): Fleet {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  const workers = ['node1', 'node2', 'node3', 'node4']
  for (const name of workers) swarm.enrol(name, 'worker')
  swarm.also = (name, line) => {
    if (line === 'cat /etc/debian_version') return { stdout: '12.15\n' }
    if (line === 'false') return { code: name === 'node2' ? 1 : 0, stderr: `${name} was here\n` }
    return undefined
  }
  const drawn = spinnerDrawn()
  const host = (name: string): Host => {
    const plain = swarm.host(name)
    return {
      name,
      run: (...args) => drawn.then(() => plain.run(...args)),
      stream: (...args) => drawn.then(() => plain.stream(...args)),
      shell: (...args) => plain.shell(...args),
      upload: (content, path, mode) => plain.upload(content, path, mode),
      assertMay: need => plain.assertMay(need),
      close: () => plain.close(),
    }
  }
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', ...workers)
  return { ...fakeFleet(driver, name => swarm.host(name)), progress, host: machine => host(machine.name) }
}

const config = await Config.load(resolve('.'))
for (const [name, [Command, argv]] of Object.entries(scenarios)) {
  await stdio.print(`== ${name}\n`)
  await stdio.report(process.stderr.isTTY ? '' : `== ${name}\n`)
  await Command.run(argv, config)
}
process.exit()
