import { posix } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { requireText } from '../cli/exact-arguments.ts'
import { modeFlag, ownerFlag } from '../cli/flags/file-flags.ts'
import { exitCodeOfRun } from '../cli/run/run-exit-code.ts'
import { parseRemotePath } from '../domain/remote-path.ts'
import { usageError } from '../errors.ts'
import type { Answer } from '../hosts/fan-out.ts'
import { type Copied, type CopyRequest, copyFiles } from '../operations/copy.ts'
import { type CopyDocument, copiesLine, copyDocument } from '../ui/copies.ts'
import { runSummary } from '../ui/run-summary.ts'
import { stdio } from '../ui/stdio.ts'

export default class Cp extends BeltCommand {
  static override summary = 'Copy a file to hosts, or from hosts'
  static override description =
    `To hosts: Belt writes each copy under a temporary name, checks its size and checksum, and renames it, so that a host never has a partial file. PATH is the target file, or a folder if it ends with a slash. The copy keeps the mode of the source and belongs to the SSH user by default.

From hosts: Belt writes one file per host, FOLDER/HOST-NAME. Without --force, it fetches nothing if one of these files exists. Exit code 4 means that some hosts failed. @failed selects these in the next command. A transfer that makes no progress for a minute fails. --timeout limits the time for each host.`
  static override usage = [
    'cp FILE NODES:PATH [--mode MODE] [--owner USER]',
    'cp NODES:PATH FOLDER [--mode MODE] [--force]',
  ]
  static override examples = [
    "<%= config.bin %> cp daemon.json 'role=worker:/etc/docker/'",
    "<%= config.bin %> cp backup.sh 'node[1:4]:/usr/local/bin/backup' --mode 0755 --owner root:root",
    "<%= config.bin %> cp '*:/var/log/syslog' logs",
    '<%= config.bin %> cp daemon.json @failed:/etc/docker/',
  ]
  static override args = {
    source: Args.string({ required: true, description: 'a local file, or NODES:PATH' }),
    target: Args.string({ required: true, description: 'NODES:PATH, or a local folder' }),
  }
  static override flags = {
    mode: modeFlag(),
    owner: ownerFlag(),
    force: Flags.boolean({ summary: 'replace existing local files' }),
  }

  /** Paths on hosts may; the rest is checked below. */
  static override readonly takesAnyBytes = true

  override async run(): Promise<CopyDocument> {
    const { args, flags } = await this.parse(Cp)
    const request = copyRequest(args, flags)
    const fleet = await this.openFleet(flags)
    const start = performance.now()
    const answers = await copyFiles(fleet, request)
    this.print(copiesLine(answers, request.direction === 'send' ? request.target : request.folder))
    this.#sumUp(answers, performance.now() - start)
    process.exitCode = exitCodeOfRun(answers, fleet.signal.aborted)
    return copyDocument(answers)
  }

  #sumUp(answers: readonly Answer<Copied>[], elapsedMs: number): void {
    if (answers.length === 1) this.reportAnswers(answers)
    else if (answers.length > 1) void stdio.report(runSummary(answers, elapsedMs))
  }
}

interface CopyFlags {
  readonly mode?: number | undefined
  readonly owner?: string | undefined
  readonly timeout?: number | undefined
  readonly force: boolean
}

/** One of the two paths is on hosts, and says in which direction to copy. */
function copyRequest({ source, target }: { source: string; target: string }, flags: CopyFlags): CopyRequest {
  const [from, to] = [parseRemotePath(source), parseRemotePath(target)]
  const { mode, owner, timeout: timeoutMs, force } = flags
  // A file that is fetched keeps the last part of its name here.
  const here = from ? [from.nodes, posix.basename(from.path)] : [source]
  requireText([...here, to?.nodes ?? target, owner ?? ''])
  if (to && !from)
    return { direction: 'send', source, nodes: to.nodes, target: to.path, mode, owner, timeoutMs }
  if (!from || to) {
    throw usageError('bad-copy', from ? 'both paths are on hosts' : 'neither path is on a host', {
      hint: "belt cp FILE 'node[1:4]:/etc/', or belt cp 'node[1:4]:/etc/hosts' FOLDER; ./a:b is a local file",
    })
  }
  if (owner !== undefined)
    throw usageError('no-owner-here', '--owner applies only to copies on hosts', { hint: 'chown' })
  return { direction: 'fetch', nodes: from.nodes, path: from.path, folder: target, mode, force, timeoutMs }
}
