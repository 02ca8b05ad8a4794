import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import Module from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import ssh2 from 'ssh2'

/**
 * Keeps the code of dist/ as V8 has it after commands that are called often, so that it need not be compiled at each start.
 * Nodes that keep such code themselves need nothing. The hosts of these commands are in this process, and answer nothing.
 */
const RUNS = [
  ['ls'],
  ['exec', 'node1', '--', 'true'],
  ['exec', 'node[1:2]', '--stream', '--', 'true'],
  ['exec', 'node[1:2]', '--gather', '--', 'true'],
]

async function keep(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'belt-build-'))
  const { privateKey } = newKey()
  const server = await startServer()
  try {
    const { port } = server.address() as AddressInfo
    await writeFile(join(folder, 'key'), privateKey, { mode: 0o600 })
    const hosts = ['node1', 'node2'].map(name => `{ name: ${name}, address: 127.0.0.1, port: ${port} }`)
    const config = `name: build\nssh: { private_key: key }\nstatic: { hosts: [${hosts}] }\n`
    await writeFile(join(folder, '.belt.yaml'), config)
    for (const words of RUNS) await belt(folder, words)
  } finally {
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function newKey(): { privateKey: string } {
  const { private: privateKey } = ssh2.utils.generateKeyPairSync('ed25519')
  return { privateKey }
}

async function startServer(): Promise<ssh2.Server> {
  const server = new ssh2.Server({ hostKeys: [newKey().privateKey] }, client => {
    client.on('error', () => {})
    client.on('authentication', login => login.accept())
    client.on('session', accept =>
      accept().on('exec', start => {
        const channel = start()
        channel.exit(0)
        channel.end()
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function belt(cwd: string, words: readonly string[]): Promise<void> {
  const argv = ['--require', resolve('scripts/keep-compiled.cjs'), resolve('bin/run.js'), ...words]
  const env = { HOME: cwd, PATH: process.env.PATH }
  const child = spawn(process.execPath, argv, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`belt ${words.join(' ')} ended with ${code}: ${said}`)
}

if (!('enableCompileCache' in Module)) await keep()
