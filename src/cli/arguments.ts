/** Belt's flags that can precede the command, and whether they take a value. */
const GLOBAL_FLAGS: ReadonlyMap<string, 'value' | 'switch'> = new Map([
  ['--cluster', 'value'],
  ['--config', 'value'],
  ['--host', 'value'],
  ['--concurrency', 'value'],
  ['--timeout', 'value'],
  ['--lock-wait', 'value'],
  ['--yes', 'switch'],
  ['-y', 'switch'],
  ['--json', 'switch'],
  ['--debug', 'switch'],
  ['--stdin', 'switch'],
  ['--gather', 'switch'],
  ['--stream', 'switch'],
  ['--ndjson', 'switch'],
  ['--max-output', 'value'],
  ['--deadline', 'value'],
])

/** The command that passes all of its arguments to docker. */
const PASSTHROUGH = 'docker'

/**
 * Moves flags before the command to where oclif expects them: `--host mg0 ls` becomes `ls --host mg0`. Everything after the
 * word `docker` belongs to docker, so `--` is inserted before it. Arguments after an existing `--` stay there. `help docker`
 * becomes `docker --help`, which shows Belt's own help.
 */
export function arrange(argv: readonly string[]): string[] {
  const { flags, rest } = takeGlobalFlags(argv)
  if (rest[0] === 'help') return [...rest.slice(1), '--help']
  if (rest[0] === PASSTHROUGH) return [PASSTHROUGH, ...flags, '--', ...rest.slice(1)]
  const separator = rest.indexOf('--')
  const end = separator === -1 ? rest.length : separator
  return [...rest.slice(0, end), ...flags, ...rest.slice(end)]
}

function takeGlobalFlags(argv: readonly string[]): { flags: string[]; rest: string[] } {
  let index = 0
  while (index < argv.length) {
    const word = argv[index] ?? ''
    const kind = GLOBAL_FLAGS.get(word.split('=')[0] ?? '')
    if (kind === undefined) break
    index += kind === 'value' && !word.includes('=') ? 2 : 1
  }
  return { flags: argv.slice(0, index), rest: argv.slice(index) }
}

/** Splits at the first `--`. The words before it are Belt's; those after it are passed on unchanged. */
export function splitAtDashes(argv: readonly string[]): { own: string[]; passed: string[] | undefined } {
  const index = argv.indexOf('--')
  return index === -1
    ? { own: [...argv], passed: undefined }
    : { own: argv.slice(0, index), passed: argv.slice(index + 1) }
}
