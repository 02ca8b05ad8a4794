/** Belt's own flags that may stand before the command, and whether they take a value. */
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

/** The command whose arguments all belong to docker. */
const PASSTHROUGH = 'docker'

/**
 * Moves flags that stand before the command behind it, where oclif expects them: `--host mg0 ls` becomes
 * `ls --host mg0`. What follows the word `docker` is docker's alone, so it is set apart by `--`; so is whatever stood
 * behind a `--` before. `help docker` becomes `docker --help`, the one way to Belt's own help on it.
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

/** Splits at the first `--`: the words before are Belt's, those behind are handed on untouched. */
export function splitAtDashes(argv: readonly string[]): { own: string[]; passed: string[] | undefined } {
  const index = argv.indexOf('--')
  return index === -1
    ? { own: [...argv], passed: undefined }
    : { own: argv.slice(0, index), passed: argv.slice(index + 1) }
}
