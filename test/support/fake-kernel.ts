import { FakeHost, type Reply } from './fake-host.ts'

/** A host with a kernel that knows some keys; what they are set to is seen in `values`. */
export class FakeKernel {
  readonly host: FakeHost
  /** By key, with dots. */
  readonly values: Map<string, string>
  /** Keys that the kernel refuses to set. */
  readonly refuses = new Set<string>()
  readonly readOnly = new Set<string>()
  isContainer = false

  constructor(name: string, values: Record<string, string>) {
    this.values = new Map(Object.entries(values))
    this.host = new FakeHost(name, line => (line.startsWith('set_key') ? this.#set(line) : this.#read(line)))
  }

  #read(line: string): Reply {
    const paths = /^for path in (.*); do$/m.exec(line)?.[1]?.split(' ') ?? []
    const lines = paths.map(path => {
      const key = path.replaceAll('/', '.')
      const value = this.values.get(key)
      if (value === undefined) return `absent ${path}`
      return `${this.readOnly.has(key) ? 'read-only' : 'writable'} ${path} ${value}`
    })
    const file = this.host.files.get('/etc/sysctl.d/90-belt.conf')
    if (this.isContainer) lines.unshift('container')
    return { stdout: `${lines.join('\n')}\n${file ? `file\n${file.content}` : ''}` }
  }

  #set(line: string): Reply {
    const refusals = [...line.matchAll(/^set_key ([\w/]+) '?([^'\n]*)'?$/gm)].flatMap(
      ([, path = '', value = '']) => {
        const key = path.replaceAll('/', '.')
        if (this.refuses.has(key)) return [`refused ${path} sh: 1: printf: Invalid argument`]
        this.values.set(key, value)
        return []
      },
    )
    return { stdout: refusals.map(text => `${text}\n`).join('') }
  }
}
