import { describe, expect, it } from 'vitest'
import { parseManifest } from '../../src/domain/backup-manifest.ts'
import { manifestOf } from '../support/backup.ts'

describe('a manifest', () => {
  it('is read as it was written', () => {
    const manifest = manifestOf({ autolock: true })
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest)
  })

  it.each([
    ['no JSON', '{', 'JSON'],
    [
      'a later format',
      JSON.stringify({ format: 7 }),
      'the backup has format 7, but this version of Belt reads only format 1',
    ],
    ['no format', '{}', 'the manifest is invalid'],
    [
      'an address that is none',
      JSON.stringify(manifestOf({ node: { id: 'a', name: 'b', address: '$(x)' } })),
      'node.address',
    ],
    [
      'a checksum that is none',
      JSON.stringify(manifestOf({ archive: { sha256: 'x; rm', bytes: 1 } })),
      'archive.sha256',
    ],
  ])('is refused with %s', (_, text, reason) => {
    expect(() => parseManifest(text)).toThrow(reason)
  })
})
