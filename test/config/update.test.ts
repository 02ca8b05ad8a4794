import { lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { newCluster } from '../../src/config/new-cluster.ts'
import { updateConfig } from '../../src/config/update.ts'
import { otherBelt } from '../support/other-belt.ts'
import { smallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CONFIG = `# my cluster
docker:
  size: 512mb   # small
  # the region comes last
  region: here

# hosts
ssh: { user: root, port: 22 }
nodes:
  mg[0:2]:
`

describe('an update', () => {
  it.each<[string, string[], string, string]>([
    ['a value', ['region=there'], '  region: here\n', '  region: there\n'],
    ['a value and keeps its comment', ['size=1gb'], 'size: 512mb   # small', 'size: 1gb   # small'],
    ['a new key', ['image=mine'], '  region: here\n', '  region: here\n  image: mine\n'],
    [
      'a key of a mapping on one line',
      ['ssh.port=2222'],
      '{ user: root, port: 22 }',
      '{ user: root, port: 2222 }',
    ],
    ['a new key on one line', ['ssh.keepalive=5s'], 'port: 22 }', 'port: 22, keepalive: 5s }'],
    ['a key of an empty mapping', ['nodes.mg[0:2].size=1gb'], '  mg[0:2]:\n', '  mg[0:2]:\n    size: 1gb\n'],
    [
      'a new section',
      ['swarm.advertise=public'],
      '  mg[0:2]:\n',
      '  mg[0:2]:\n\nswarm:\n  advertise: public\n',
    ],
    [
      'a kernel key',
      ['sysctl.net.core.somaxconn=1'],
      '  mg[0:2]:\n',
      '  mg[0:2]:\n\nsysctl:\n  net.core.somaxconn: 1\n',
    ],
    ['a removed key', ['region-'], '  region: here\n', ''],
    ['a key removed with its comment beside it', ['size-'], '  size: 512mb   # small\n', ''],
    ['a key removed on one line', ['ssh.user-'], '{ user: root, port: 22 }', '{ port: 22 }'],
    ['several', ['region=there', 'docker.size=1gb', 'ssh.user-'], '', ''],
  ])('changes nothing but %s', async (_, assignments, from, to) => {
    const cluster = await clusterWith(CONFIG)
    const { changed } = await updateConfig(cluster, assignments, {})
    const text = await readFile(cluster.configPath, 'utf8')
    expect(changed).toBe(true)
    if (from) expect(text).toBe(CONFIG.replace(from, to))
    expect(text.match(/#.*/g)).toEqual(
      (from.includes('#') && !to ? CONFIG.replace(from, to) : CONFIG).match(/#.*/g),
    )
  })

  it.each(['docker', 'static', 'ec2', 'digitalocean'])(
    'puts a value in the place of the commented line of the %s template',
    async driver => {
      const cluster = await newCluster(await temporaryFolder(), driver, 'shop')
      const before = await readFile(cluster.configPath, 'utf8')
      const [line = '', key] = /^ {2}# ?(\w+): \S+$/m.exec(before) ?? []
      if (!key) return
      const value = line.split(': ')[1]
      await updateConfig(cluster, [`${key}=${value}`], {})
      expect(await readFile(cluster.configPath, 'utf8')).toBe(before.replace(line, `  ${key}: ${value}`))
    },
  )

  it('leaves the commented lines of other sections alone', async () => {
    const cluster = await clusterWith('docker:\n  size: 1gb\n\nssh:\n  # region: not mine\n  user: root\n')
    await updateConfig(cluster, ['region=local'], {})
    expect(await readFile(cluster.configPath, 'utf8')).toBe(
      'docker:\n  size: 1gb\n  region: local\n\nssh:\n  # region: not mine\n  user: root\n',
    )
  })

  it('shows its changes as a diff', async () => {
    const cluster = await clusterWith(CONFIG)
    const { diff } = await updateConfig(cluster, ['region=there'], {})
    expect(diff.split('\n')).toEqual(
      expect.arrayContaining([
        `--- ${cluster.configPath}`,
        '-  region: here',
        '+  region: there',
        '   size: 512mb   # small',
      ]),
    )
  })

  it('writes nothing if all values are already set', async () => {
    const cluster = await clusterWith(CONFIG)
    const before = await stat(cluster.configPath)
    const update = await updateConfig(cluster, ['region=here', 'swarm.advertise-'], {})
    expect(update).toEqual({ configPath: cluster.configPath, changed: false, diff: '' })
    expect((await stat(cluster.configPath)).ino).toBe(before.ino)
  })

  it('converts values to the type of the key', async () => {
    const cluster = await clusterWith('docker:\n')
    await updateConfig(cluster, ['region=1', 'size=true', 'ssh.port=2222', 'ssh.private_key=a: b'], {})
    await updateConfig(cluster, ['swarm.default_addr_pool=[10.1.0.0/16]', 'nodes.n[1:2].groups=[web]'], {})
    const config = await loadConfig(cluster, {})
    expect(config.options).toMatchObject({ region: '1', size: 'true' })
    expect(config.ssh).toMatchObject({ port: 2222, privateKey: expect.stringMatching(/a: b$/) })
    expect(config.swarm.defaultAddressPools).toEqual(['10.1.0.0/16'])
    expect(config.nodes).toMatchObject([{ pattern: 'n[1:2]', groups: ['web'] }])
  })

  it.each([
    ['Windows line ends', 'docker:\r\n  size: 1gb\r\n', 'docker:\r\n  size: 1gb\r\n  region: there\r\n'],
    ['no last line end', 'docker:\n  size: 1gb', 'docker:\n  size: 1gb\n  region: there'],
    ['wide indentation', 'docker:\n      size: 1gb\n', 'docker:\n      size: 1gb\n      region: there\n'],
    [
      'a comment instead of keys',
      'docker:  # mine\n  # none\n',
      'docker:  # mine\n  region: there\n  # none\n',
    ],
    ['an empty mapping', 'docker: {}\n', 'docker: { region: there }\n'],
    ['a list at the end', 'docker: {}\nnodes:\n  a:\n    groups:\n    - web\n', undefined],
    ['a quoted value', 'docker:\n  region: "here"\n', 'docker:\n  region: there\n'],
    [
      'a value over lines',
      'docker:\n  region: >-\n    he\n    re\n  size: 1gb\n',
      'docker:\n  region: there\n  size: 1gb\n',
    ],
    ['no value', 'docker:\n  region:\n  size: 1gb\n', 'docker:\n  region: there\n  size: 1gb\n'],
  ])('understands a file with %s', async (_, before, after) => {
    const cluster = await clusterWith(before)
    await updateConfig(cluster, ['region=there'], {})
    if (after !== undefined) expect(await readFile(cluster.configPath, 'utf8')).toBe(after)
    expect((await loadConfig(cluster, {})).options.region).toBe('there')
  })

  it.each([
    ['values shared by an anchor', 'docker:\n  region: &r here\nsysctl: { kernel.x: *r }\n', 'region=there'],
    ['an alias', 'docker: {}\nssh: &s {}\nswarm: *s\n', 'swarm.advertise=public'],
    ['an end marker', 'docker: {}\n...\n', 'ssh.port=1'],
  ])('leaves a file with %s to the user', async (_, before, assignment) => {
    const cluster = await clusterWith(before)
    await expect(updateConfig(cluster, [assignment], {})).rejects.toMatchObject({
      code: 'cannot-edit',
      exitCode: 2,
      hint: expect.stringContaining(cluster.configPath),
    })
    expect(await readFile(cluster.configPath, 'utf8')).toBe(before)
  })

  it.each([
    ['regin=x', 'unknown-key', 'unknown key "regin" in docker, did you mean "region"?'],
    ['regin-', 'unknown-key', 'unknown key "regin" in docker, did you mean "region"?'],
    ['ssh.prot=1', 'unknown-key', 'unknown key "prot" in ssh, did you mean "port"?'],
    ['region.x=1', 'unknown-key', 'docker.region has no keys'],
    ['region', 'bad-assignment', '"region" is not an assignment'],
    ['=x', 'bad-assignment', '"=x" is not an assignment'],
    ['ssh.port=many', 'bad-value', 'ssh.port: expected number, received string'],
    ['subnet=10.0.0.0', 'bad-value', 'docker.subnet: Invalid IPv4 range'],
    ['nodes.mg[2:3].size=1gb', 'bad-config', 'mg2 is already declared by mg[0:2]'],
    ['name=other', 'bad-config', 'name: must be one'],
  ])('refuses %s and writes nothing', async (assignment, code, message) => {
    const cluster = await clusterWith(CONFIG)
    await expect(updateConfig(cluster, ['size=1gb', assignment], {})).rejects.toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringContaining(message),
    })
    expect(await readFile(cluster.configPath, 'utf8')).toBe(CONFIG)
    expect(await readdir(join(cluster.configPath, '..'))).toEqual([basename(cluster.configPath)])
  })

  it('is not lost when several Belts update at once', async () => {
    const folder = await temporaryFolder({ '.belt/one/config.yml': CONFIG })
    const keys = ['a', 'b', 'c', 'd'].map(letter => `kernel.${letter}`)
    const answers = await Promise.all(keys.map(key => otherBelt(folder, 'update', `sysctl.${key}=1`)))
    expect(answers).toEqual(['', '', '', ''])
    const configPath = join(folder, '.belt/one/config.yml')
    const { sysctl } = await loadConfig({ name: 'one', configPath, folder }, {})
    expect(Object.keys(sysctl).sort()).toEqual(keys)
  })

  it('keeps the old config on a full disk', async context => {
    const folder = smallDisk(context, 64)
    const configPath = join(folder, '.belt.yaml')
    const text = `name: one\n${CONFIG}${'# long\n'.repeat(2000)}`
    await writeFile(configPath, text)
    await writeFile(join(folder, 'rest'), Buffer.alloc(40 * 1024)).catch(() => {})
    const update = updateConfig({ name: 'one', configPath, folder }, ['region=there'], {})
    await expect(update).rejects.toMatchObject({
      code: 'unwritable-file',
      hint: expect.stringContaining('free up disk space'),
    })
    expect(await readFile(configPath, 'utf8')).toBe(text)
    expect((await readdir(folder)).sort()).toEqual(['.belt.yaml', 'rest'])
  })

  it('follows a symbolic link that the user made', async () => {
    const folder = await temporaryFolder({ 'shared.yaml': CONFIG })
    const configPath = join(folder, '.belt.yaml')
    await symlink('shared.yaml', configPath)
    await updateConfig({ name: 'one', configPath, folder }, ['region=there'], {})
    expect(await readFile(join(folder, 'shared.yaml'), 'utf8')).toContain('region: there')
    expect((await lstat(configPath)).isSymbolicLink()).toBe(true)
  })

  it('makes the file private to the user', async () => {
    const cluster = await clusterWith(CONFIG)
    await updateConfig(cluster, ['region=there'], {})
    expect((await stat(cluster.configPath)).mode & 0o777).toBe(0o600)
  })
})

async function clusterWith(text: string) {
  const folder = await temporaryFolder({ 'one.yaml': text })
  return { name: 'one', configPath: join(folder, 'one.yaml'), folder: join(folder, '.belt/one') }
}
