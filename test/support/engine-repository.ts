import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The engine of Debian 12, and one that calls itself newer: the versions have the same length. */
const OLD = '20.10.24+dfsg1'
export const NEWER_ENGINE = '20.10.25'
const NEW = `${NEWER_ENGINE}+dfsg1`

/**
 * A repository of packages with a newer Docker Engine, for machines on this computer: Debian's package with another
 * version in its control file and in its program.
 */
export class EngineRepository {
  readonly #folder: string
  readonly #server: Server

  private constructor(folder: string) {
    this.#folder = folder
    this.#server = createServer((request, response) => {
      const file = join(folder, basename(request.url ?? ''))
      const stream = createReadStream(file)
      stream.on('error', () => response.writeHead(404).end())
      stream.pipe(response)
    })
  }

  /** @throws where the packages of Debian 12 cannot be had */
  static async start(): Promise<EngineRepository> {
    const folder = mkdtempSync(join(tmpdir(), 'belt-packages-'))
    // apt drops its privileges to download.
    await run('chmod', ['755', folder])
    await run('apt-get', ['download', 'docker.io'], { cwd: folder })
    const [debian = ''] = readdirSync(folder)
    const tree = join(folder, 'tree')
    await run('dpkg-deb', ['--raw-extract', join(folder, debian), tree])
    rename(join(tree, 'usr/sbin/dockerd'))
    const control = join(tree, 'DEBIAN/control')
    writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${NEW}-1`))
    rmSync(join(folder, debian))
    await run('dpkg-deb', ['-Znone', '--build', tree, join(folder, 'docker.io_new.deb')])
    rmSync(tree, { recursive: true })
    const { stdout } = await run('dpkg-scanpackages', ['.', '/dev/null'], { cwd: folder })
    writeFileSync(join(folder, 'Packages'), stdout)
    const repository = new EngineRepository(folder)
    repository.#server.listen(0, '0.0.0.0')
    await once(repository.#server, 'listening')
    return repository
  }

  /** The shell line that has a machine take its packages from here alone. */
  get use(): string {
    const { port } = this.#server.address() as AddressInfo
    const gateway = `$(ip route | awk '/^default/ { print $3 }')`
    return [
      'rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/*proxy*',
      `echo "deb [trusted=yes] http://${gateway}:${port} ./" >/etc/apt/sources.list`,
    ].join(' && ')
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function rename(program: string): void {
  const bytes = readFileSync(program)
  for (let at = bytes.indexOf(OLD); at !== -1; at = bytes.indexOf(OLD, at)) at += bytes.write(NEW, at)
  writeFileSync(program, bytes)
}
