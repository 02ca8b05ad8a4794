import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type Entry, extract, type Pack, pack } from 'tar-stream'
import { isLocked, unlockNodeKey } from '../../domain/node-key.ts'
import { precheckError, reasonOf } from '../../errors.ts'
import { type Certificate, parseCertificate } from '../../remote/certificate.ts'
import type { Spool } from '../../spool.ts'
import { damaged, fingerprintOf, type OpenBackup } from './file.ts'

const KEY = 'swarm/certificates/swarm-node.key'
const CERTIFICATE = 'swarm/certificates/swarm-node.crt'
const STATE = 'swarm/docker-state.json'
const LOG = /^swarm\/raft\/.+\.wal$/

/**
 * Checks that the archive contains what an engine needs to create a swarm, and belongs to the node in the manifest.
 * @throws a precheck error that names what is missing or does not match
 */
export async function checkContents(backup: OpenBackup): Promise<void> {
  const { path, manifest } = backup
  const names: string[] = []
  let key = ''
  let certificate: Certificate | undefined
  const look = async (entry: Entry) => {
    names.push(entry.header.name)
    if (entry.header.name === KEY) key = await text(entry as Readable)
    else if (entry.header.name === CERTIFICATE) certificate = parseCertificate(await text(entry as Readable))
    else entry.resume()
  }
  await eachEntry(backup, look).catch(cause => {
    throw damaged(path, `its archive cannot be read: ${reasonOf(cause)}`, cause)
  })
  const missing = [KEY, CERTIFICATE, STATE].filter(name => !names.includes(name))
  if (!names.some(name => LOG.test(name))) missing.push('a .wal file')
  if (missing.length > 0) throw damaged(path, `its archive lacks ${missing.join(', ')}`)
  if (certificate?.clusterId !== manifest.clusterId || certificate.nodeId !== manifest.node.id)
    throw damaged(path, 'its archive belongs to another node than its manifest says')
  if (isLocked(key) !== manifest.autolock)
    throw damaged(path, 'its manifest and its archive disagree on autolock')
}

/**
 * The same backup without autolock, because an engine cannot create a new swarm from a locked manager.
 * @param unlockKey undefined if there is none
 * @param archive receives the changed archive
 * @throws a precheck error if the key is needed and missing, or is a different one
 */
export async function unlocked(
  backup: OpenBackup,
  unlockKey: string | undefined,
  archive: Spool,
): Promise<OpenBackup> {
  const { manifest, path } = backup
  if (!manifest.autolock) return backup
  if (unlockKey === undefined) {
    throw precheckError(
      'locked-backup',
      `${path} is a backup of a swarm with autolock, and needs its unlock key`,
      {
        hint: 'specify the file with the key from that time: --unlock-key-file FILE',
      },
    )
  }
  try {
    const opened = rewritten(backup, key => unlockNodeKey(key, unlockKey))
    await pipeline(opened, archive.write())
  } catch (cause) {
    throw precheckError('locked-backup', `${path} cannot be unlocked: ${reasonOf(cause)}`, {
      hint: 'the key must be the one that was in effect when the backup was made',
      cause,
    })
  }
  const fingerprint = await fingerprintOf(archive)
  return { ...backup, archive, manifest: { ...manifest, autolock: false, archive: fingerprint } }
}

async function eachEntry({ archive }: OpenBackup, work: (entry: Entry) => Promise<unknown>): Promise<void> {
  const entries = extract()
  const fed = pipeline(archive.read(), createGunzip(), entries)
  // Awaited below; an error of the file also ends the loop.
  fed.catch(() => {})
  for await (const entry of entries) await work(entry)
  await fed
}

/** The archive with another key file. */
async function* rewritten(backup: OpenBackup, change: (key: string) => string): AsyncGenerator<Uint8Array> {
  const tar = pack()
  const gzip = createGzip()
  const fed = pipeline(tar, gzip)
  const copied = copyEntries(backup, tar, change)
  for (const work of [fed, copied]) work.catch(error => tar.destroy(error))
  yield* gzip
  await Promise.all([copied, fed])
}

async function copyEntries(backup: OpenBackup, tar: Pack, change: (key: string) => string): Promise<void> {
  await eachEntry(backup, async entry => {
    if (entry.header.name === KEY) {
      const { size, ...header } = entry.header
      tar.entry(header, change(await text(entry as Readable)))
    } else await pipeline(entry, tar.entry(entry.header))
  })
  tar.finalize()
}
