import { chmod, chown, lchown, mkdir, rename, symlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AgentClient } from '../../../../src/hosts/agent/client/agent-client.ts'
import {
  checkSocket,
  makeSocketFolder,
  socketPathOf,
} from '../../../../src/hosts/agent/protocol/socket-folder.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const NOBODY = 65534
const UNSAFE = { code: 'unsafe-socket', exitCode: 3 }
const isRoot = process.getuid?.() === 0

describe("the socket of Belt's agent", () => {
  it('lies in the runtime folder of this user', async () => {
    const runtime = await temporaryFolder()
    expect(socketPathOf('x', { XDG_RUNTIME_DIR: runtime })).toBe(join(runtime, 'belt/x.sock'))
  })

  it.runIf(isRoot)(
    "does not lie in another user's runtime folder, as sudo may leave it in the environment",
    async () => {
      const runtime = await temporaryFolder()
      await chown(runtime, NOBODY, NOBODY)
      expect(socketPathOf('x', { XDG_RUNTIME_DIR: runtime })).not.toContain(runtime)
    },
  )

  it('is not used in a folder that others can enter, or behind a symbolic link', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'open'))
    await chmod(join(folder, 'open'), 0o755)
    await expect(makeSocketFolder(join(folder, 'open/x.sock'))).rejects.toMatchObject(UNSAFE)
    await mkdir(join(folder, 'own'), { mode: 0o700 })
    await symlink('own', join(folder, 'link'))
    await expect(makeSocketFolder(join(folder, 'link/x.sock'))).rejects.toMatchObject(UNSAFE)
  })

  it.runIf(isRoot)("is not used if it is another user's, or in another user's folder", async () => {
    const socket = await listening()
    await lchown(socket, NOBODY, NOBODY)
    await expect(checkSocket(socket)).rejects.toMatchObject(UNSAFE)
    await expect(AgentClient.connect(socket)).rejects.toMatchObject(UNSAFE)
    await lchown(socket, 0, 0)
    await chown(dirname(socket), NOBODY, NOBODY)
    await expect(checkSocket(socket)).rejects.toMatchObject(UNSAFE)
  })

  it('counts as no agent if nobody listens on it', async () => {
    const socket = await listening(async (server, path) => {
      await rename(path, `${path}.left`)
      await new Promise(resolve => server.close(resolve))
      await rename(`${path}.left`, path)
    })
    expect(await checkSocket(socket)).toBe(true)
    expect(await AgentClient.connect(socket)).toBeUndefined()
  })
})

/** A socket for this user alone, on which something listens until the test ends. */
async function listening(then?: (server: Server, path: string) => Promise<void>): Promise<string> {
  const folder = join(await temporaryFolder(), 'belt')
  await mkdir(folder, { mode: 0o700 })
  const path = join(folder, 'x.sock')
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>(resolve => server.listen(path, resolve))
  await chmod(path, 0o600)
  await then?.(server, path)
  return path
}
