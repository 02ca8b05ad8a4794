import { readdir } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { readRegularFile } from '../../../regular-file.ts'
import { fitsWildcards } from '../../known-hosts/host-pattern.ts'

/** As in OpenSSH, a file that includes itself ends somewhere. */
const MOST_DEPTH = 16

/** Settings that matter to Belt; a configuration without any of them need not be asked. */
const MATTERS =
  /^(hostname|port|user|identit\w+|proxy\w+|canonical\w+|match|certificatefile|addkeystoagent|hostkeyalias)$/

/** Settings whose effect on a host cannot be told from its `Host` lines. */
const DEPENDS_ON_MORE = /^(match|canonical\w+)$/

interface Line {
  readonly keyword: string
  readonly words: readonly string[]
}

/** Stands for a file that cannot be read: what it says about a host is asked of ssh, which then says what is wrong. */
const UNREAD: Line = { keyword: 'match', words: [] }

/** What Belt itself reads in ssh_config: just enough to tell which hosts are configured alike. */
export class HostLines {
  readonly #lines: readonly Line[]

  private constructor(lines: readonly Line[]) {
    this.#lines = lines
  }

  /**
   * Reads these files and those that they include. A file that does not exist says nothing, as for ssh.
   * @param folder where relative paths start
   */
  static async in(files: readonly string[], folder: string): Promise<HostLines> {
    const lines = await Promise.all(files.map(file => linesOf(file, folder, 0)))
    return new HostLines(lines.flat())
  }

  get matter(): boolean {
    return this.#lines.some(({ keyword }) => MATTERS.test(keyword))
  }

  /** Hosts with the same class have the same settings, but for their own address in them. */
  classOf(address: string): string {
    if (this.#lines.some(({ keyword }) => DEPENDS_ON_MORE.test(keyword))) return address
    const fitting = this.#lines.flatMap(({ keyword, words }, index) =>
      keyword === 'host' && fitsHost(words, address) ? [index] : [],
    )
    return `lines ${fitting.join(' ')}`
  }
}

function fitsHost(patterns: readonly string[], address: string): boolean {
  const fits = (pattern: string) => fitsWildcards(pattern, address)
  const excluded = patterns.filter(pattern => pattern.startsWith('!')).map(pattern => pattern.slice(1))
  return patterns.some(fits) && !excluded.some(fits)
}

async function linesOf(file: string, folder: string, depth: number): Promise<Line[]> {
  if (depth > MOST_DEPTH) return []
  const content = await readRegularFile(file).catch(error => {
    if (error.code !== 'ENOENT') return undefined
    return Buffer.alloc(0)
  })
  if (!content) return [UNREAD]
  const lines = content
    .toString('utf8')
    .split('\n')
    .flatMap(text => parseLine(text) ?? [])
  const withIncluded = lines.map(async line => {
    if (line.keyword !== 'include') return [line]
    const files = (await Promise.all(line.words.map(word => filesFitting(word, folder)))).flat()
    return (await Promise.all(files.map(included => linesOf(included, folder, depth + 1)))).flat()
  })
  return (await Promise.all(withIncluded)).flat()
}

function parseLine(text: string): Line | undefined {
  const [, keyword, rest = ''] = /^\s*([A-Za-z0-9]+)\s*[\s=]\s*(.*?)\s*$/.exec(text) ?? []
  if (!keyword) return undefined
  const words = [...rest.matchAll(/"([^"]*)"|([^\s,]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  return { keyword: keyword.toLowerCase(), words }
}

/** Wildcards are looked up in the last part of a path only; ssh itself reads all others too. */
async function filesFitting(pattern: string, folder: string): Promise<string[]> {
  const path = resolve(folder, pattern.replace(/^~\//, `${dirname(folder)}/`))
  if (!/[*?]/.test(path)) return [path]
  const names = await readdir(dirname(path)).catch(() => [])
  return names
    .filter(name => fitsWildcards(basename(path), name))
    .sort()
    .map(name => resolve(dirname(path), name))
}
