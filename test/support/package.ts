import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BeltOptions, type Ended, Workplace } from './belt.ts'

const INSTALL_MS = 240_000

/** The package as npm packs it, installed into an empty folder. */
export class InstalledPackage {
  readonly folder = mkdtempSync(join(tmpdir(), 'belt-package-'))

  /** Packs and installs what is built, from npm's cache where it has everything, and without native addons to compile. */
  async install(): Promise<void> {
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', this.folder]
    const [{ filename }] = JSON.parse(execFileSync('npm', pack, { encoding: 'utf8', stdio: 'pipe' }))
    writeFileSync(join(this.folder, 'package.json'), '{ "private": true }')
    await npm(
      this.folder,
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(this.folder, filename),
    )
  }

  /** The folder of the installed package itself. */
  get root(): string {
    return join(this.folder, 'node_modules/belt')
  }

  /** The command that npm made. */
  get command(): string {
    return join(this.folder, 'node_modules/.bin/belt')
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Downloads a version of Node. @returns the path of its executable */
export async function nodeOf(version: string): Promise<string> {
  const words = ['--yes', '--prefer-offline', `node@${version}`, '--print', 'process.execPath']
  const { stdout } = await promisify(execFile)('npx', words, { cwd: tmpdir(), timeout: INSTALL_MS })
  return stdout.trim()
}

/** A workspace in which an installed package runs on one version of Node. */
export class PackagedBelt extends Workplace {
  readonly #command: string
  readonly #node: string

  constructor(command: string, node: string) {
    super()
    this.#command = command
    this.#node = node
  }

  override run(args: readonly string[], options: BeltOptions = {}): Promise<Ended> {
    return this.program(this.#node, [this.#command, ...args], options)
  }
}

async function npm(cwd: string, ...words: string[]): Promise<void> {
  await promisify(execFile)('npm', words, { cwd, timeout: INSTALL_MS })
}
