import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { modeFlag, ownerFlag } from '../cli/file-flags.ts'
import { exitCodeOfRun } from '../cli/run-exit-code.ts'
import { parseRemotePath, type RemotePath } from '../domain/remote-path.ts'
import { usageError } from '../errors.ts'
import type { Answer } from '../hosts/fan-out.ts'
import { type Copied, fetchFromHosts, sendToHosts } from '../operations/copy.ts'
import type { Fleet } from '../operations/fleet.ts'
import { asksForFailed, selectTargets } from '../operations/select-machines.ts'
import { type CopyDocument, copiesLine, copyDocument } from '../ui/copies.ts'
import { runSummary } from '../ui/run-summary.ts'
import { stdio } from '../ui/stdio.ts'

export default class Cp extends BeltCommand {
  static override summary = 'Copy a file to hosts, or from hosts'
  static override description =
    `To hosts: written under a temporary name, compared in size and checksum, then renamed, so that a host has the old file or the new one, never a part. PATH is where the file shall be; with a slash at its end, the folder. Mode and content are those of the file here, the owner is the user who logs in, unless told.

From hosts: one file for each, FOLDER/HOST-NAME; nothing is fetched when one of them exists, unless --force is given. Exit code 4 means that some hosts failed; they are @failed in the next command. A transfer that stands still for a minute is given up; --timeout is the deadline of each host.`
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
    source: Args.string({ required: true, description: 'a file here, or NODES:PATH' }),
    target: Args.string({ required: true, description: 'NODES:PATH, or a folder here' }),
  }
  static override flags = {
    mode: modeFlag(),
    owner: ownerFlag(),
    force: Flags.boolean({ summary: 'replace files here' }),
  }

  override async run(): Promise<CopyDocument> {
    const { args, flags } = await this.parse(Cp)
    const { remote, send } = direction(args.source, args.target)
    if (!send && flags.owner !== undefined)
      throw usageError('no-owner-here', '--owner is for files on hosts', { hint: 'chown' })
    const fleet = await this.openFleet(flags)
    const machines = await selectTargets(fleet, remote.nodes)
    const start = performance.now()
    const options = { mode: flags.mode, timeoutMs: flags.timeout, again: asksForFailed(remote.nodes) }
    const answers = send
      ? await sendToHosts(fleet, machines, args.source, {
          ...options,
          target: remote.path,
          owner: flags.owner,
        })
      : await fetchFromHosts(fleet, machines, remote.path, {
          ...options,
          folder: args.target,
          force: flags.force,
        })
    this.print(copiesLine(answers, send ? remote.path : args.target))
    this.#sumUp(fleet, answers, performance.now() - start)
    return copyDocument(answers)
  }

  #sumUp(fleet: Fleet, answers: readonly Answer<Copied>[], elapsedMs: number): void {
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    if (answers.length === 1) this.reportFailures(failures, 1)
    else if (answers.length > 1) void stdio.report(runSummary(answers, elapsedMs))
    process.exitCode = exitCodeOfRun(answers, fleet.signal.aborted)
  }
}

function direction(source: string, target: string): { remote: RemotePath; send: boolean } {
  const [from, to] = [parseRemotePath(source), parseRemotePath(target)]
  if (to && !from) return { remote: to, send: true }
  if (from && !to) return { remote: from, send: false }
  throw usageError('bad-copy', from ? 'both ends are on hosts' : 'neither end is on a host', {
    hint: "belt cp FILE 'node[1:4]:/etc/', or belt cp 'node[1:4]:/etc/hosts' FOLDER; ./a:b is a file here",
  })
}
