import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import ssh2, { type Algorithms, type Client } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { algorithmsFor } from '../../../src/hosts/ssh/algorithms.ts'
import { Offers } from '../../../src/hosts/ssh/offers.ts'

const ed25519 = algorithmsFor([])
const rsa = algorithmsFor([{ type: 'ssh-rsa', key: 'AAAA' }])

/** What is connected and says nothing. */
function silent(): Duplex {
  return new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() })
}

/** A client as it is before its host has said anything. */
function connecting(offers: Offers, wanted: Algorithms): { client: Client; offer: string } {
  const client = new ssh2.Client().on('error', () => {})
  client.connect({ sock: silent() as Socket, username: 'root', ...offers.settingsFor(wanted) })
  offers.put(client, wanted)
  return { client, offer: said(client) }
}

/** What the client will propose, in order. */
function said(client: Client): string {
  const { _protocol: protocol } = client as unknown as {
    _protocol: { _offer: { totalSize: number; copyAllTo(to: Buffer, at: number): void } }
  }
  const bytes = Buffer.alloc(protocol._offer.totalSize)
  protocol._offer.copyAllTo(bytes, 0)
  return bytes.toString('latin1')
}

describe('what is proposed to hosts', () => {
  it('is prepared once for all that are to get the same', () => {
    const offers = new Offers()
    expect(offers.settingsFor(ed25519)).toEqual({ algorithms: ed25519 })
    const first = connecting(offers, ed25519)
    expect(offers.settingsFor(ed25519)).toEqual({})
    expect(connecting(offers, ed25519).offer).toBe(first.offer)
    expect(first.offer).toMatch(/ecdh-sha2-nistp256,curve25519-sha256.*ext-info-c/)
  })

  it('differs for hosts of which other keys are known', () => {
    const offers = new Offers()
    const [one, other, again] = [ed25519, rsa, rsa].map(wanted => connecting(offers, wanted).offer)
    expect(one).not.toBe(other)
    expect(again).toBe(other)
    expect(other).toMatch(/rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-ed25519/)
  })

  it('is prepared each time where ssh2 keeps it nowhere', () => {
    const offers = new Offers()
    offers.put({} as Client, ed25519)
    expect(offers.settingsFor(ed25519)).toEqual({ algorithms: ed25519 })
  })
})
