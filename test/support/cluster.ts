import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Workplace } from './belt.ts'

const NODE_FORMAT = '{{.Description.Hostname}} {{.Spec.Role}} {{.Spec.Availability}} {{.Spec.Labels}}'

/** A folder with a key and a `.belt.yaml` for local machines, whose cluster no other test knows. */
export class TestCluster extends Workplace {
  readonly name = `t${randomBytes(4).toString('hex')}`

  constructor(env: Record<string, string> = {}) {
    super(env)
    makeKey(join(this.folder, 'key'))
    this.configure('docker:\n  size: 512mb\n')
  }

  /** Writes the config anew: `driver` is the YAML of the driver's section. */
  configure(driver: string): void {
    const text = `name: ${this.name}\n${driver}ssh:\n  private_key: key\n`
    writeFileSync(join(this.folder, '.belt.yaml'), text, { mode: 0o600 })
  }

  /** Makes a swarm of three managers, `mg0` to `mg2`, and workers, from `node1` on. */
  async formSwarm(workers: number): Promise<void> {
    const names = `node[1:${workers}]`
    await this.succeed(['create', `mg[0:2],${names}`])
    await this.succeed(['swarm', 'init', 'mg0'])
    await this.succeed(['swarm', 'join', '--manager', 'mg0', 'mg[1:2]'])
    await this.succeed(['swarm', 'join', 'mg0', names])
  }

  /** Host name, role, availability and labels of every node, a line each. */
  async shape(): Promise<string[]> {
    const line = `belt docker node inspect $(belt docker node ls -q) --format '${NODE_FORMAT}'`
    return (await this.shell(line)).stdout.trim().split('\n').toSorted()
  }

  /** Destroys the machines, whatever state the test left them in, and the folder. */
  async destroy(): Promise<void> {
    this.configure('docker:\n  size: 512mb\n')
    const rm = () => this.run(['rm', '*', '--yes'])
    if ((await rm()).code !== 0) {
      await this.run(['lock', 'release', '--yes']) // of a Belt that was killed
      await rm()
    }
    this.remove()
  }
}

/** Makes a key pair without a passphrase. */
export function makeKey(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
}
