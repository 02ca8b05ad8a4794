import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { InstalledPackage, nodeOf, PackagedBelt } from '../support/package.ts'
import { hasSshd, Sshd } from '../support/sshd.ts'

const { version, engines } = JSON.parse(readFileSync('package.json', 'utf8'))
/** The oldest that is supported, another of the same line, and the newest of each later line. */
const SUPPORTED = ['20.19.0', '20.20.0', '22', '24']
const TOO_OLD = '18'

describe.skipIf(!hasSshd)('the package, as npm packs and installs it', () => {
  const installed = new InstalledPackage()
  const nodes = new Map<string, string>()
  let sshd: Sshd

  beforeAll(async () => {
    const versions = [...SUPPORTED, TOO_OLD]
    const [server, ...paths] = await Promise.all([Sshd.start(), ...versions.map(nodeOf), installed.install()])
    sshd = server
    for (const [index, one] of versions.entries()) nodes.set(one, String(paths[index]))
  })
  afterAll(async () => {
    await sshd?.stop()
    installed.remove()
  })

  function beltOn(node: string): PackagedBelt {
    const belt = new PackagedBelt(installed.command, nodes.get(node) ?? '')
    onTestFinished(() => belt.remove())
    return belt
  }

  it('supports the oldest Node that is tested here', () => {
    expect(`>=${SUPPORTED[0]}`).toBe(`${engines.node}.0`)
  })

  it('holds no path of the computer that built it', () => {
    const files = readdirSync(installed.root, { recursive: true, withFileTypes: true })
      .filter(file => file.isFile())
      .map(file => join(file.parentPath, file.name))
    expect(files.length).toBeGreaterThan(50)
    expect(files.filter(file => readFileSync(file).includes(resolve('.')))).toEqual([])
  })

  it.each(SUPPORTED)('works on Node %s', async node => {
    const belt = beltOn(node)
    expect(await belt.succeed(['--version'])).toBe(`belt ${version}\n`)
    await belt.succeed(['cluster', 'new', '--driver', 'static', 'lab'])
    const { port, privateKey, address } = hostOf(sshd)
    const host = `{ name: node1, address: ${address}, port: ${port} }`
    const config = `ssh: { private_key: ${privateKey} }\nstatic: { hosts: [${host}] }\n`
    writeFileSync(join(belt.folder, '.belt/lab/config.yml'), config)
    expect(await belt.succeed(['use', 'lab'])).toBe('lab\n')
    expect(await belt.succeed(['ls'])).toMatch(/^NAME .*\nnode1 /)
    expect(await belt.succeed(['autocomplete', 'bash'])).toContain('Setup Instructions')
    expect(await belt.succeed(['exec', 'node1', '--', 'echo', 'hello'])).toBe('hello\n')
  })

  it('says which Node it needs on an older one', async () => {
    const { code, stdout, stderr } = await beltOn(TOO_OLD).run(['ls'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^Belt needs Node 20\.19 or newer; this is Node 18\.[\d.]+\.\n$/)
  })
})

function hostOf(sshd: Sshd) {
  const { address, port } = sshd.address('node1')
  return { address, port, privateKey: sshd.privateKey }
}
