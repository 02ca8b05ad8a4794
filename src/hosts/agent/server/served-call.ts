import { interrupted } from '../../errors.ts'
import type { Exit, Host, PtyRequest, StreamOptions, Streams } from '../../host.ts'
import { HeldSlot, type Slot } from '../../slots.ts'
import { orAborted } from '../../ssh/limit.ts'
import { type Call, commandOf, type HostCall, processOf } from '../protocol/calls.ts'
import { dataOf } from '../protocol/error-data.ts'
import { Inlet, Outlet } from '../protocol/flow.ts'
import { type Frame, Kind, pack, packNumber } from '../protocol/frames.ts'
import { RemoteSlots } from '../protocol/slots.ts'

type Send = (kind: Kind, payload?: Uint8Array) => void
type SignalName = 'INT' | 'TERM' | 'KILL'

/** What the agent does for one call of a command. */
export class ServedCall {
  readonly #send: Send
  readonly #stop = new AbortController()
  readonly #stdout: Outlet
  readonly #stderr: Outlet
  readonly #input: Inlet
  readonly #places: RemoteSlots
  #sendSignal: ((name: SignalName) => void) | undefined
  #onResize: ((columns: number, rows: number) => void) | undefined

  constructor(send: Send) {
    this.#send = send
    this.#stdout = new Outlet(chunk => send(Kind.data, chunk))
    this.#stderr = new Outlet(chunk => send(Kind.stderr, chunk))
    this.#input = new Inlet(bytes => send(Kind.dataCredit, packNumber(bytes)))
    this.#places = new RemoteSlots(send)
  }

  /** Takes what the command says about the call while it runs. */
  receive({ kind, payload }: Frame): void {
    if (kind === Kind.data) this.#input.receive(payload)
    else if (kind === Kind.end) this.#input.end()
    else if (kind === Kind.dataCredit) this.#stdout.grant(payload.readUInt32BE(0))
    else if (kind === Kind.stderrCredit) this.#stderr.grant(payload.readUInt32BE(0))
    else if (kind === Kind.signal) this.#sendSignal?.(payload.toString() as SignalName)
    else if (kind === Kind.resize) this.#onResize?.(payload.readUInt32BE(0), payload.readUInt32BE(4))
    else if (kind === Kind.goOn) this.#places.goOn()
    else if (kind === Kind.abort) this.abort()
  }

  /** The command lost interest, or is gone: what runs for it is told to end. */
  abort(): void {
    this.#stop.abort()
  }

  /** Does the work and tells how it ended. Never rejects. */
  async serve(name: string, work: () => Promise<Buffer>): Promise<void> {
    try {
      this.#send(Kind.result, await work())
    } catch (error) {
      this.#send(Kind.failure, pack(dataOf(error, name)))
    }
  }

  /** The slot that the call came with. */
  slotOf({ slot }: HostCall): Slot | undefined {
    return slot && new HeldSlot(this.#places, slot.isReleased)
  }

  /** @param bytes what stands behind the call: a command's standard input, or a file's content */
  async onHost(host: Host, call: HostCall, bytes: Buffer, slot?: Slot): Promise<Buffer> {
    const { signal } = this.#stop
    const options: StreamOptions = {
      signal,
      slot,
      ...(call.timeoutMs !== undefined && { timeoutMs: call.timeoutMs }),
      onStart: sendSignal => {
        this.#sendSignal = sendSignal
        this.#send(Kind.started)
      },
    }
    switch (call.what) {
      case 'run': {
        const { maxOutputBytes } = call
        const more = { ...options, ...(maxOutputBytes !== undefined && { maxOutputBytes }) }
        const { stdout, stderr, ...result } = await host.run(commandOf(call, bytes), more)
        const outputs = [Buffer.from(stdout), Buffer.from(stderr)] as const
        return pack({ ...result, stdoutBytes: outputs[0].length }, ...outputs)
      }
      case 'stream':
        return this.#ended(host, await host.stream(processOf(call, bytes), this.#streams(call), options))
      case 'shell':
        return this.#ended(host, await host.shell({ ...this.#streams(call), pty: this.#pty(call) }, options))
      case 'upload':
        await host.upload(bytes, call.path, call.mode, options)
        return pack(null)
    }
  }

  #streams(call: Extract<HostCall, { what: 'stream' | 'shell' }>): Streams {
    return {
      stdout: this.#stdout,
      stderr: this.#stderr,
      ...(call.withInput && { stdin: this.#input }),
      ...(call.pty && { pty: this.#pty(call) }),
    }
  }

  #pty({ pty }: Extract<HostCall, { what: 'stream' | 'shell' }>): PtyRequest {
    return {
      term: pty?.term ?? 'xterm',
      columns: pty?.columns ?? 80,
      rows: pty?.rows ?? 24,
      onResize: callback => {
        this.#onResize = callback
        return () => {
          this.#onResize = undefined
        }
      },
    }
  }

  /** The exit follows the last of the output, for which nobody may wait any more. */
  async #ended({ name }: Host, exit: Exit): Promise<Buffer> {
    const output = Promise.all([this.#stdout, this.#stderr].map(flushed))
    await orAborted(output, this.#stop.signal).catch(() => {
      throw interrupted(name)
    })
    return pack(exit)
  }
}

function flushed(outlet: Outlet): Promise<void> {
  return new Promise(resolve => outlet.end(resolve))
}

export function isHostCall(call: Call): call is HostCall {
  return 'address' in call
}
