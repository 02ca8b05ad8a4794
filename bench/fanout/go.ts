import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { notice } from './notice.ts'
import { has, type Stage } from './stage.ts'

/**
 * The peer that is compiled from Go, a client and a server in one program.
 * @param file the program, or its source, which is built
 * @returns undefined, with a notice, where it is not there or cannot be built
 */
export function goPeer(stage: Stage, file: string): string | undefined {
  const path = resolve(file)
  if (existsSync(path)) return path.endsWith('.go') ? goProgram(stage, 'go-peer', path) : path
  notice(`left out, the Go client: there is no ${file}; --go FILE names its program or its source`)
  return undefined
}

/** Builds a Go program; undefined, with a notice, where there is no Go, or not its SSH library. */
export function goProgram(stage: Stage, name: string, source: string): string | undefined {
  if (!has('go')) {
    notice(`left out, ${source}: there is no go to build it with`)
    return undefined
  }
  const program = join(stage.folder, name)
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' }
  try {
    execFileSync('go', ['build', '-o', program, source], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    return program
  } catch (error) {
    notice(`left out, ${source}: ${(error as Error).message}`)
    return undefined
  }
}
