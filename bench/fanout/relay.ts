import { connect, createServer, type Socket } from 'node:net'

/**
 * A TCP relay that makes a server look far away: `relay.ts PORT RTT_MS` prints its own port. Each direction takes half
 * of the round-trip time, and the connection itself a whole one, which no relay can delay at the client: instead no byte
 * leaves a side before the far one could know of the connection. It answers each line with the largest and the mean
 * number of round trips of the connections since the last one, and ends when its input does.
 */
const [port, rttMs] = process.argv.slice(2).map(Number) as [number, number]
let counts: number[] = []

const relay = createServer({ noDelay: true }, near => {
  const far = connect({ host: '127.0.0.1', port, noDelay: true })
  const opened = performance.now() + rttMs
  const trips = new Trips()
  delay(near, far, () => Math.max(performance.now(), opened) + rttMs / 2, trips.ask)
  delay(far, near, () => Math.max(performance.now(), opened + rttMs / 2) + rttMs / 2, trips.answer)
  near.on('close', () => counts.push(trips.count))
})

relay.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => {
  process.stdout.write(`${(relay.address() as { port: number }).port}\n`)
})
process.stdin.on('data', () => {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  process.stdout.write(`${JSON.stringify({ most: Math.max(...counts), mean })}\n`)
  counts = []
})
process.stdin.on('end', () => process.exit())

/** Counts the round trips of one connection: one for TCP, and one for each time an answer follows a question. */
class Trips {
  count = 1
  #asked = false

  readonly ask = () => {
    this.#asked = true
  }

  readonly answer = () => {
    if (this.#asked) this.count++
    this.#asked = false
  }
}

/** Hands bytes on, and the end, each at its time and in their order. */
function delay(from: Socket, to: Socket, arrival: () => number, seen: () => void): void {
  const waiting: { at: number; deliver: () => void }[] = []
  const next = () => {
    for (let head = waiting[0]; head && head.at <= performance.now(); head = waiting[0]) {
      waiting.shift()
      head.deliver()
    }
    if (waiting[0]) setTimeout(next, waiting[0].at - performance.now())
  }
  const later = (deliver: () => void) => {
    waiting.push({ at: arrival(), deliver })
    if (waiting.length === 1) next()
  }
  from.on('error', () => to.destroy())
  from.on('data', chunk => later(() => deliverTo(to, chunk, seen)))
  from.on('end', () => later(() => to.end()))
}

function deliverTo(to: Socket, chunk: Buffer, seen: () => void): void {
  seen()
  to.write(chunk)
}
