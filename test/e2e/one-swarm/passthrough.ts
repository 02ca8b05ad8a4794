import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TestCluster } from '../../support/cluster.ts'

/** Arguments that a shell, a flag parser or a careless join would change. */
const AWKWARD = [
  'a b',
  "it's",
  '"double"',
  '$HOME',
  '`id`',
  '*',
  '?',
  '~',
  '!',
  '\\',
  'a\nb',
  '\ttab',
  '',
  'ü€🐳',
  '--help',
  '--json',
  '--host',
  '--version',
  '-h',
  '-q',
  '--',
  'A=b',
  '#x',
  '&',
  ';',
  '|',
  '<',
  '{{json .}}',
]

/** `belt docker`, `belt exec` and `belt ssh` on the active host and node1 to node3. Adds an image and a secret to the swarm. */
export function describePassthrough(lend: () => TestCluster): void {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = lend()
    await cluster.succeed(['exec', '*', '--shell', 'tar -C / -c bin/busybox | docker import - box'])
  })

  /** Presses Ctrl-C once a command runs on all hosts. */
  async function interruptOnceRunning(child: ChildProcess, nodes: string, line: string): Promise<void> {
    const deadline = Date.now() + 60_000
    while ((await cluster.run(['exec', nodes, '--', 'pgrep', '-f', `^${line}`])).code !== 0) {
      if (Date.now() > deadline) break
    }
    child.kill('SIGINT')
  }

  describe('on one host', () => {
    it('hands docker every flag that stands behind its name', async () => {
      expect((await cluster.run(['docker', 'service', 'create', '--help'])).stdout).toContain(
        'docker service create [OPTIONS]',
      )
      expect((await cluster.run(['docker', '--version'])).stdout).toMatch(/^Docker version /)
      expect((await cluster.run(['docker', 'images', '-q', 'box'])).stdout).toMatch(/^[0-9a-f]{12}\n$/)
      expect((await cluster.run(['docker', '--host', 'unix:///nowhere', 'ps'])).stderr).toContain(
        'unix:///nowhere',
      )
      expect((await cluster.run(['docker', 'ps', '--json'])).stderr).toContain('unknown flag: --json')
    })

    it('delivers every argument byte for byte, to docker and to any command', async () => {
      const printed = AWKWARD.map(word => `${word}\0`).join('')
      const print = ['/bin/busybox', 'printf', '%s\\0', ...AWKWARD]
      expect((await cluster.run(['exec', 'node1', '--', ...print])).stdout).toBe(printed)
      expect((await cluster.run(['docker', 'run', '--rm', 'box', ...print])).stdout).toBe(printed)
    })

    it('streams binary input and output unchanged', async () => {
      const data = randomBytes(3_000_000)
      const { bytes, code } = await cluster.run(
        ['docker', 'run', '--rm', '-i', 'box', '/bin/busybox', 'cat'],
        {
          stdin: data,
        },
      )
      expect(bytes.equals(data)).toBe(true)
      expect(code).toBe(0)
    })

    it('reads what is piped in, and saves what comes out', async () => {
      const imported = await cluster.shell('tar -C / -c bin/true | belt docker import - piped')
      expect(imported.stdout).toMatch(/^sha256:/)
      const saved = await cluster.shell('belt docker save piped > image.tar && tar -tf image.tar')
      expect(saved.stdout).toContain('manifest.json')
      const secret = await cluster.run(['docker', 'secret', 'create', 's', '-'], { stdin: 'hush' })
      expect(secret.code).toBe(0)
    })

    it('keeps stdout and stderr apart', async () => {
      const { stdout, stderr } = await cluster.run(['exec', 'node1', '--shell', 'echo out; echo err >&2'])
      expect(stdout).toBe('out\n')
      expect(stderr).toBe('err\n')
    })

    it('ends with the remote exit code', async () => {
      expect(
        (await cluster.run(['docker', 'run', '--rm', 'box', '/bin/busybox', 'sh', '-c', 'exit 37'])).code,
      ).toBe(37)
      expect((await cluster.run(['exec', 'node1', '--', 'sh', '-c', 'exit 3'])).code).toBe(3)
      expect((await cluster.run(['exec', 'node1', '--', 'no-such-program'])).code).toBe(127)
    })

    it('gives a terminal of the right size to a terminal', async () => {
      // Docker sets the size a moment after the start.
      const script =
        'until /bin/busybox stty size 2>&1 | /bin/busybox grep [0-9]; do /bin/busybox sleep 0.1; done'
      const { stdout } = await cluster.terminal([
        'docker',
        'run',
        '--rm',
        '-it',
        'box',
        '/bin/busybox',
        'sh',
        '-c',
        script,
      ])
      expect(stdout).toBe('30 100\r\n')
    })

    it('changes nothing of what a terminal is sent', async () => {
      const drawn = 'down\\ndown\\r\\nleft \\033[31mred\\033[0m'
      const { stdout } = await cluster.terminal([
        'exec',
        'node1',
        '--',
        'sh',
        '-c',
        `stty -opost; printf '${drawn}'`,
      ])
      expect(stdout).toBe('down\ndown\r\nleft \u001b[31mred\u001b[0m')
    })

    it('lets Ctrl-C reach the remote process, and nothing survives it', async () => {
      const { code } = await cluster.run(['exec', 'node1', '--', 'sleep', '54321'], {
        onStart: child => void interruptOnceRunning(child, 'node1', 'sleep 54321'),
      })
      expect(code).toBe(130)
      expect((await cluster.run(['exec', 'node1', '--', 'pgrep', '-f', '^sleep 54321'])).code).toBe(1)
    })

    it('opens a shell on a terminal', async () => {
      const { stdout, code } = await cluster.terminal(['ssh', 'node2'], {
        stdin: 'stty size; hostname; exit 5\n',
      })
      expect(stdout).toContain('30 100')
      expect(stdout).toMatch(/^node2\r?$/m)
      expect(code).toBe(5)
    })
  })

  describe('on several hosts', () => {
    it('leads each line with the name of its host', async () => {
      const { stdout, code } = await cluster.run(['exec', 'node[1:3]', '--', 'hostname'])
      expect(stdout.trim().split('\n').toSorted()).toEqual(['node1: node1', 'node2: node2', 'node3: node3'])
      expect(code).toBe(0)
    })

    it('ends with 4 when some fail, and names them in the last line', async () => {
      const { stderr, code } = await cluster.run([
        'exec',
        'node[1:3]',
        '--shell',
        '[ "$(hostname)" = node2 ]',
      ])
      expect(code).toBe(4)
      expect(stderr.trim().split('\n').at(-1)).toBe('failed on 2 of 3: node[1,3]')
    })

    it('remembers the failed ones as @failed', async () => {
      await cluster.run(['exec', 'node[1:3]', '--shell', '[ "$(hostname)" = node2 ]'])
      const { stdout } = await cluster.run(['exec', '@failed', '--', 'hostname'])
      expect(stdout.trim().split('\n').toSorted()).toEqual(['node1: node1', 'node3: node3'])
    })

    it('ends with 1 when all fail', async () => {
      expect((await cluster.run(['exec', 'node[1:3]', '--', 'false'])).code).toBe(1)
    })

    it('hands standard input to each of them when an argument is -', async () => {
      const piped = await cluster.shell(
        "tar -C / -c bin/true | belt --host 'node[1:3]' docker import - everywhere",
      )
      expect(piped.stdout.match(/^node[123]: sha256:/gm)).toHaveLength(3)
      const { stdout } = await cluster.run(['exec', 'node[1:3]', '--stdin', '--', 'cat'], {
        stdin: 'to all\n',
      })
      expect(stdout.trim().split('\n').toSorted()).toEqual([
        'node1: to all',
        'node2: to all',
        'node3: to all',
      ])
    })

    it('gives them no input otherwise, and so does not wait for any', async () => {
      const { stdout, code } = await cluster.run(['exec', 'node[1:3]', '--', 'cat'], { onStart: () => {} })
      expect(stdout).toBe('')
      expect(code).toBe(0)
    })

    it('interrupts all of them at once', async () => {
      const { code } = await cluster.run(['exec', 'node[1:3]', '--', 'sleep', '54322'], {
        onStart: child => void interruptOnceRunning(child, 'node[1:3]', 'sleep 54322'),
      })
      expect(code).not.toBe(0)
      const { code: left } = await cluster.run(['exec', 'node[1:3]', '--', 'pgrep', '-f', '^sleep 54322'])
      expect(left).toBe(1)
    })
  })
}
