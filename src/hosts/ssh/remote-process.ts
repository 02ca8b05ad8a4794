import { commandLine, type ProcessCommand } from '../../remote/command.ts'
import { sudoScript } from '../../remote/rights.ts'
import { newWord } from './ready-session.ts'
import type { Permitted } from './rights.ts'
import { StartMarker } from './start-marker.ts'

/** A script for `/bin/sh` that first says that it runs, and what recognizes that. */
interface MarkedScript {
  readonly script: string
  readonly marker: StartMarker
}

/**
 * The script of a command. It first prints a marker with its process id on each output. The id is needed to send signals
 * with `kill`, because sshd ignores the protocol's signal requests for root.
 */
export function marked(command: Permitted): MarkedScript {
  const word = newWord()
  return {
    script: `echo ${word} $$; echo ${word} $$ >&2; ${scriptOf(command)}`,
    marker: new StartMarker(word),
  }
}

/** The same for a command on a terminal, which has one output. */
export function markedOnTerminal(command: Permitted): MarkedScript {
  const word = newWord()
  return { script: `echo ${word} $$; ${scriptOf(command)}`, marker: new StartMarker(word, 'pass') }
}

/** Where Docker's client is on hosts whose shells find it only after a login. */
const DOCKER_FOLDERS = '/usr/local/bin:/usr/bin:/bin:/snap/bin:/opt/bin:/opt/homebrew/bin'
const FIND_DOCKER = `command -v docker >/dev/null || PATH=$PATH:${DOCKER_FOLDERS}; `

function scriptOf(command: Permitted): string {
  return command.throughSudo ? sudoScript(ownScriptOf(command)) : ownScriptOf(command)
}

/** With `exec`, the program itself receives signals and sets the exit code, instead of a shell around it. */
function ownScriptOf(command: ProcessCommand): string {
  if (command.argv) return `${command.argv[0] === 'docker' ? FIND_DOCKER : ''}exec ${commandLine(command)}`
  return `${/\bdocker\b/.test(command.shell) ? FIND_DOCKER : ''}${command.shell}`
}

/**
 * With sshd, each session leads a process group with its process id; with other servers it may not. dash takes the id of
 * a group in this form only. What runs through sudo belongs to root.
 */
export function killScript(signal: string, pid: number, { throughSudo }: Permitted): string {
  const script = `kill -s ${signal} -- -${pid} 2>/dev/null || kill -s ${signal} ${pid}`
  return throughSudo ? sudoScript(script) : script
}
