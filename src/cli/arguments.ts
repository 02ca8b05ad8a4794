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

/**
 * Moves flags before the command to where oclif expects them: `--host mg0 ls` becomes `ls --host mg0`. Everything after the
 * word `docker` belongs to docker, and everything after the host of `ssh` to the shell there, so `--` is inserted before
 * it. Arguments after an existing `--` stay there. `help docker` becomes `docker --help`, which shows Belt's own help.
 */
export function arrange(argv: readonly string[]): string[] {
  const { flags, rest } = takeGlobalFlags(argv)
  if (rest[0] === 'help') return [...rest.slice(1), '--help']
  const [name, ...words] = rest
  if (name === 'docker') return [name, ...flags, '--', ...words]
  if (name === 'ssh') return [name, ...flags, ...dashesAfterHost(words)]
  const separator = rest.indexOf('--')
  const end = separator === -1 ? rest.length : separator
  return [...rest.slice(0, end), ...flags, ...rest.slice(end)]
}

/** `[FLAGS] HOST [FLAGS] COMMAND...` with `--` before the command, unless it is there or there is no command. */
function dashesAfterHost(words: readonly string[]): string[] {
  const before = takeGlobalFlags(words)
  const after = takeGlobalFlags(before.rest.slice(1))
  const own = [...before.flags, ...before.rest.slice(0, 1), ...after.flags]
  const [first] = after.rest
  return first === undefined || first.startsWith('-')
    ? [...own, ...after.rest]
    : [...own, '--', ...after.rest]
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
