import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Config } from '@oclif/core'
import { describe, expect, it } from 'vitest'
import BeltHelp from '../../src/cli/help.ts'

const config = await Config.load(resolve('.'))

class Shown extends BeltHelp {
  text = ''

  protected override log(...words: string[]): void {
    this.text += `${words.join(' ')}\n`
  }
}

/** The help for these words, without colors, on a terminal of 200 columns. Help changes the ids of its config. */
async function helpFor(...words: string[]): Promise<string> {
  const help = new Shown(await Config.load(resolve('.')), { maxWidth: 200, stripAnsi: true })
  await help.showHelp([...words, '--help'])
  return help.text
}

const entriesOf = (text: string) =>
  [...text.matchAll(/^ {2}([a-z]+(?: [a-z]+)*) {2,}\S/gm)].map(([, name]) => name)

describe('belt --help', () => {
  it('starts with a first cluster, and has groups, the global flags and the exit codes', async () => {
    const text = await helpFor()
    const headings = [...text.matchAll(/^[A-Z][A-Z ]+$/gm)].map(String)
    expect(headings.slice(0, 4)).toEqual(['USAGE', 'START HERE', 'CLUSTERS', 'MACHINES'])
    expect(headings.slice(-3)).toEqual(['GLOBAL FLAGS', 'EXIT CODES', 'LEARN MORE'])
    expect(text).toContain('--lock-wait')
  })

  it('lists every command and every topic of one word once', async () => {
    const names = entriesOf((await helpFor()).split('\nGLOBAL FLAGS\n')[0] ?? '')
    const words = new Set(config.commands.filter(({ hidden }) => !hidden).map(({ id }) => id.split(':')[0]))
    expect(names.toSorted()).toEqual([...words].toSorted())
  })
})

describe('the help of a command', () => {
  it.each(config.commands.filter(({ hidden }) => !hidden).map(({ id }) => id))(
    '%s stays within 80 columns',
    async id => {
      const lines = (await helpFor(...id.split(':'))).split('\n')
      expect(lines.filter(line => line.length > 80 && !line.includes('$ '))).toEqual([])
    },
  )

  it('says its summary once, and leaves the global flags to belt --help', async () => {
    const text = await helpFor('rm')
    expect(text.match(/Destroy machines/g)).toHaveLength(1)
    expect(text).toContain('--lock-wait')
    expect(text).not.toContain('BELT_LOCK_WAIT')
  })

  it('lists a topic that is also a command as that command', async () => {
    expect((await helpFor('swarm')).match(/swarm backup/g)).toHaveLength(1)
  })
})

describe('the examples of all commands', () => {
  it('quote what a shell would expand', () => {
    const sources = readdirSync('src/commands', { recursive: true, encoding: 'utf8' }).filter(file =>
      file.endsWith('.ts'),
    )
    const examples = sources.flatMap(file => [
      ...readFileSync(join('src/commands', file), 'utf8').matchAll(/<%= config.bin %>(.*)$/gm),
    ])
    const unquoted = examples.filter(([, line = '']) => /[[*!]/.test(line.replaceAll(/'[^']*'/g, '')))
    expect(examples.length).toBeGreaterThan(50)
    expect(unquoted.map(([, line]) => line)).toEqual([])
  })
})
