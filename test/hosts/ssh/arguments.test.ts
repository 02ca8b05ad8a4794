import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../../src/hosts/host.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { hasSshd, Sshd } from '../../support/sshd.ts'

describe.skipIf(!hasSshd)('passes byte for byte', () => {
  let sshd: Sshd
  let hosts: ReturnType<typeof sshHostsFor>
  let host: Host
  beforeAll(async () => {
    sshd = await Sshd.start()
    hosts = sshHostsFor(sshd)
    host = hosts.host(sshd.address('node1'))
  })
  afterAll(async () => {
    hosts?.close()
    await sshd?.stop()
  })

  it.each([
    ['nothing', ''],
    ['spaces', '  two  spaces  '],
    ['single quotes', "it's 'quoted'"],
    ['double quotes and backslashes', '"a\\b\\\\"'],
    ['what a shell would expand', '$HOME `id` $(id) ~ * ? [a] {a,b} !!'],
    ['what a shell would end a command at', 'a; b & c | d > e < f # g'],
    ['new lines and tabs', 'one\ntwo\n\n\tthree\n'],
    ['UTF-8', 'größe 你好 🐳'],
    ['a leading dash', '--help'],
    ['an assignment', 'A=b'],
    ['control characters', '\u0001\u001b[31m\u007f\r'],
  ])('%s', async (_what, argument) => {
    const { stdout } = await host.run({ argv: ['printf', '<%s>', argument, 'next'] })
    expect(stdout).toBe(`<${argument}><next>`)
  })

  it('a program whose name needs quoting', async () => {
    expect(await host.run({ argv: ['A=b', 'true'] })).toMatchObject({ code: 127 })
    expect(await host.run({ argv: ['for'] })).toMatchObject({ code: 127 })
  })

  it('a shell line, unchanged', async () => {
    const { stdout } = await host.run({ shell: 'for i in 1 2; do echo "$i"; done | tail -1 # last' })
    expect(stdout).toBe('2\n')
  })
})
