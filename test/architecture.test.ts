import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

/** What each layer may import, besides itself and the files that lie under all of them. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  commands: ['cli', 'ui', 'operations', 'drivers', 'hosts', 'remote', 'domain', 'config'],
  cli: ['ui', 'operations', 'config', 'drivers', 'hosts', 'remote', 'domain'],
  ui: ['operations', 'drivers', 'hosts', 'domain'],
  operations: ['steps', 'waits', 'queries', 'drivers', 'hosts', 'remote', 'domain'],
  steps: ['waits', 'queries', 'drivers', 'hosts', 'remote', 'domain'],
  waits: ['queries', 'hosts', 'remote', 'domain'],
  queries: ['hosts', 'remote', 'domain'],
  drivers: ['domain'],
  hosts: ['remote', 'domain'],
  config: ['domain', 'drivers'],
  remote: ['domain'],
  domain: [],
}
const UNDER_ALL = [
  'clock.ts',
  'errors.ts',
  'retry.ts',
  'progress.ts',
  'record.ts',
  'atomic-file.ts',
  'file-lock.ts',
  'spool.ts',
  'package-files.ts',
  'process-identity.ts',
  'ownership.ts',
  'regular-file.ts',
]

/** Adapters, which only the composition root (and each other) may name. */
const ADAPTER = /^(drivers\/(docker|digitalocean|ec2|static|registry)|hosts\/(ssh|agent))/
/** The composition root: it assembles a fleet, a temporary fleet for verifications, and the agent. */
const COMPOSITION_ROOT = ['cli/compose.ts', 'cli/scratch-fleet.ts', 'cli/agent.ts']

/** Hooks that Node's documentation tells subclasses of its streams to define. */
const STREAM_HOOKS = /^_(construct|destroy|final|flush|read|transform|write|writev)$/

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => file.endsWith('.ts'))

const imports = files.flatMap(file =>
  [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, to = '']) => ({
    from: file,
    to: posix.join(posix.dirname(file), to),
  })),
)

const EXPORTED = /^export (?:abstract |async )?(?:function\*?|const|class|interface|type) (\w+)/gm

const layerOf = (file: string) => file.split('/')[0] ?? ''

describe('the layers', () => {
  it('are seen by this test', () => {
    expect(imports.length).toBeGreaterThan(50)
  })

  it('import in one direction', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        !UNDER_ALL.includes(to) &&
        layerOf(from) !== layerOf(to) &&
        !MAY_IMPORT[layerOf(from)]?.includes(layerOf(to)),
    )
    expect(wrong).toEqual([])
  })

  it('name adapters only in the composition root', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        ADAPTER.test(to) &&
        !['drivers', 'hosts', 'config'].includes(layerOf(from)) &&
        !COMPOSITION_ROOT.includes(from),
    )
    expect(wrong).toEqual([])
  })
})

describe('steps', () => {
  it('are all that src/steps makes', () => {
    const steps = files.filter(file => file.startsWith('steps/') && file !== 'steps/step.ts')
    const others = steps.filter(file =>
      [...textOf(file).matchAll(/^export (?:async )?function \w+\((?:[^)]|\)(?!:))*\): (\S+)/gm)].some(
        ([, made]) => made !== 'Step',
      ),
    )
    expect(steps.length).toBeGreaterThan(10)
    expect(others).toEqual([])
  })
})

describe('quorum refusals', () => {
  it('are built by the guard only, besides the refusal of the swarm itself', () => {
    const builders = files.filter(file => /Error\(\s*'quorum'/.test(textOf(file)))
    expect(builders.sort()).toEqual(['operations/swarm/quorum-guard.ts', 'steps/change-role.ts'])
  })
})

/**
 * Who may use the streams of the process: progress would be drawn over what anybody else writes. The others write
 * where no progress is shown: before it starts, and after it has ended.
 */
const STREAM_USERS = ['ui/stdio.ts', 'cli/start.ts', 'cli/main.ts', 'cli/fast-path.ts']
const USES_STREAMS = /process\.(stdout|stderr)|console\.\w|\bstd(out|err)\b.*\} = process$/m

describe('output', () => {
  it('is written in one place', () => {
    const writing = files.filter(file => USES_STREAMS.test(textOf(file)))
    expect(writing.filter(file => !STREAM_USERS.includes(file))).toEqual([])
  })
})

describe('libraries', () => {
  it('that speak SSH are used by the SSH adapter only', () => {
    const users = files.filter(file => /(?:from|import)\s*\(?\s*'ssh2[/']/.test(textOf(file)))
    expect(users.filter(file => !file.startsWith('hosts/ssh/'))).toEqual([])
    expect(users.length).toBeGreaterThan(0)
  })

  it('are only reached into by files that name a decision page', () => {
    const reaching = files.filter(file => reachesIntoLibrary(textOf(file)))
    expect(reaching).toContain('hosts/ssh/shortcuts.ts')
    expect(reaching.filter(file => !namesDecision(textOf(file)))).toEqual([])
  })
})

describe('performance devices', () => {
  it.each([
    ['hosts/ssh/shortcuts.ts', 'login-shortcuts'],
    ['hosts/ssh/ready-session.ts', 'ready-session'],
    ['hosts/agent/server/agent.ts', 'agent'],
    ['hosts/ssh/engine-socket.ts', 'engine-socket'],
    ['hosts/ssh/start-gate.ts', 'connections'],
    ['hosts/ssh/connection-budget.ts', 'connections'],
    ['hosts/ssh/ssh2.ts', 'start'],
    ['cli/fast-path.ts', 'start'],
  ])('%s names its decision page', (file, page) => {
    expect(textOf(file)).toContain(`docs/decisions/${page}.md`)
    expect(existsSync(`docs/decisions/${page}.md`)).toBe(true)
  })
})

/** Whether a text names a member that its library keeps private, or a file that is not one of the library's exports. */
function reachesIntoLibrary(text: string): boolean {
  const members = [...text.matchAll(/(?:\.|\{[^{}()]*\b|\n\s*)(_[a-z]\w*)\b(?!\s*=>)/g)].map(
    ([, name = '']) => name,
  )
  return members.some(name => !STREAM_HOOKS.test(name)) || /from '(@[^/']+\/)?[^./'][^/']*\/lib\//.test(text)
}

function namesDecision(text: string): boolean {
  const [page] = /docs\/decisions\/[\w-]+\.md/.exec(text) ?? []
  return page !== undefined && existsSync(page)
}

function textOf(file: string): string {
  return readFileSync(join('src', file), 'utf8')
}

/**
 * Interfaces through which a lower layer calls a higher one, or pure rules with a function in them. A closure that is handed
 * down without such a name would be an import upwards that no other test here sees. Callbacks (`onWait`) only tell.
 */
const PORTS = [
  'KernelSetting',
  'Question',
  'Requirement',
  'RoleTarget',
  'Selector',
  'Step',
  'SwarmManagers',
  'UpgradePhase',
]

describe('ports', () => {
  it('are the only interfaces of the lower layers that carry functions', () => {
    const lower = files.filter(file => /^(steps|waits|queries|remote|domain)\//.test(file))
    expect([...new Set(lower.flatMap(file => interfacesWithFunctions(textOf(file))))].sort()).toEqual(PORTS)
  })
})

function interfacesWithFunctions(text: string): string[] {
  const interfaces = [...text.matchAll(/^(?:export )?interface (\w+)[^{\n]*\{\n(.*?)^\}/gms)]
  return interfaces.flatMap(([, name = '', body = '']) => {
    const members = [...body.matchAll(/^\s+(?:readonly )?(\w+)\??(?:<[^>]*>)?(?:\(|: \(?\(.*=>)/gm)]
    return members.some(([, member = '']) => !/^on[A-Z]/.test(member)) ? [name] : []
  })
}

describe('command files', () => {
  it('stay short enough to be taken in at one look', () => {
    const long = files
      .filter(file => file.startsWith('commands/'))
      .filter(file => textOf(file).split('\n').length > 90)
    expect(long).toEqual([])
  })
})

describe('exported names', () => {
  it('exist only once', () => {
    const filesByName = new Map<string, string[]>()
    for (const file of files) {
      const text = readFileSync(join('src', file), 'utf8')
      for (const [, name = ''] of text.matchAll(EXPORTED)) {
        filesByName.set(name, [...(filesByName.get(name) ?? []), file])
      }
    }
    const duplicates = [...filesByName].filter(([, exporting]) => new Set(exporting).size > 1)
    expect(duplicates).toEqual([])
  })
})
