import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { extract, type Pack, pack } from 'tar-stream'
import { replaceFile } from '../../atomic-file.ts'
import { type BackupManifest, parseManifest } from '../../domain/backup-manifest.ts'
import { BeltError, precheckError, reasonOf, usageError } from '../../errors.ts'
import type { Spool } from '../../spool.ts'

/*
 * A backup is a plain tar of two files, so that it can be taken apart without Belt: what is known of the swarm, which
 * can be read without unpacking the rest, and the state as the engine had it.
 */
const MANIFEST = 'manifest.json'
const ARCHIVE = 'swarm.tar.gz'
const PRIVATE = 0o600
/** More than the manifest of the largest swarm needs. */
const LARGEST_MANIFEST = 64 * 1024 * 1024

/** An open backup. */
export interface OpenBackup {
  readonly path: string
  readonly manifest: BackupManifest
  /** The state of the swarm, a `tar.gz` with the checksum in the manifest. */
  readonly archive: Spool
}

/**
 * Checks that a backup can be written, before an engine is stopped for it.
 * @throws a usage error if the file exists or cannot be created
 */
export async function assertWritable(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', PRIVATE)).close()
    await rm(path)
  } catch (cause) {
    throw usageError('no-place-for-backup', `the backup cannot be written to ${path}: ${reasonOf(cause)}`, {
      hint: 'name a new file with --out',
      cause,
    })
  }
}

/** The size and the SHA-256 of an archive. */
export async function fingerprintOf(archive: Spool): Promise<BackupManifest['archive']> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of archive.read()) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Writes a backup that only this user can read. Leaves no file if it fails. */
export async function writeBackup(backup: OpenBackup): Promise<void> {
  await replaceFile(backup.path, packed(backup), PRIVATE)
}

async function* packed({ manifest, archive }: OpenBackup): AsyncGenerator<Uint8Array> {
  const tar = pack()
  // An error ends the loop below, or is thrown behind it.
  tar.on('error', () => {})
  const filled = fill(tar, manifest, archive)
  filled.catch(() => {})
  yield* tar
  await filled
}

async function fill(tar: Pack, manifest: BackupManifest, archive: Spool): Promise<void> {
  tar.entry({ name: MANIFEST, mode: PRIVATE }, `${JSON.stringify(manifest, undefined, 2)}\n`)
  const entry = tar.entry({ name: ARCHIVE, mode: PRIVATE, size: manifest.archive.bytes })
  await pipeline(archive.read(), entry)
  tar.finalize()
}

/**
 * Opens a backup and compares its checksum.
 * @param archive receives the archive
 * @throws a precheck error if the file cannot be read, is not a backup, or is damaged
 */
export async function openBackup(path: string, archive: Spool): Promise<OpenBackup> {
  const { manifest, hasArchive } = await unpack(path, archive).catch(cause => {
    throw cause instanceof BeltError ? cause : damaged(path, reasonOf(cause), cause)
  })
  if (!manifest) throw damaged(path, `it holds no ${MANIFEST}`)
  if (!hasArchive) throw damaged(path, `it holds no ${ARCHIVE}`)
  const { sha256 } = await fingerprintOf(archive)
  if (sha256 !== manifest.archive.sha256) throw damaged(path, 'its checksum does not match its manifest')
  return { path, manifest, archive }
}

async function unpack(
  path: string,
  archive: Spool,
): Promise<{ manifest: BackupManifest | undefined; hasArchive: boolean }> {
  let manifest: BackupManifest | undefined
  let hasArchive = false
  const entries = extract()
  const fed = pipeline(createReadStream(path), entries)
  // Awaited below; an error of the file also ends the loop.
  fed.catch(() => {})
  for await (const entry of entries) {
    const { name, size = 0 } = entry.header
    if (name === ARCHIVE) {
      await pipeline(entry, archive.write())
      hasArchive = true
    } else if (name === MANIFEST && size < LARGEST_MANIFEST)
      manifest = parseManifest(await text(entry as Readable))
    else entry.resume()
  }
  await fed
  return { manifest, hasArchive }
}

/** The error for a file that is not a complete backup. */
export function damaged(path: string, reason: string, cause?: unknown): BeltError {
  return precheckError('bad-backup', `${path} is not a complete backup: ${reason}`, {
    hint: 'use another copy of it, or an older backup',
    cause,
  })
}
