import crypto from 'node:crypto'

/** Some thousand packets' worth of padding. */
const POOL_BYTES = 32_768

/*
 * Lets ssh2, which asks for the few random bytes that pad a packet each time, have them from a pool: asking takes longer
 * than all else about a packet but its encryption. It is put in place before ssh2 is loaded, which takes it from there;
 * no byte of the pool is handed out twice.
 */
const { randomFillSync } = crypto
const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
let used = POOL_BYTES

crypto.randomFillSync = ((target: Uint8Array, offset = 0, size = target.byteLength - offset) => {
  if (!(target instanceof Uint8Array) || size > POOL_BYTES / 8) return randomFillSync(target, offset, size)
  if (used + size > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  target.set(pool.subarray(used, used + size), offset)
  used += size
  return target
}) as typeof randomFillSync

/** Gives everyone else the function back, once ssh2 is loaded. */
export function endPool(): void {
  crypto.randomFillSync = randomFillSync
}
