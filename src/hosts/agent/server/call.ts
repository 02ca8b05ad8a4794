import { interrupted } from '../../errors.ts'
import type { Exit, Host, PtyRequest, StreamOptions, Streams } from '../../host.ts'
import { HeldSlot, type Slot } from '../../slots.ts'
import { orAborted } from '../../ssh/limit.ts'
import { type Call, decodeCommand, decodeProcess, type HostCall } from '../protocol/calls.ts'
import { dataOf } from '../protocol/error-data.ts'
import { Inlet, Outlet } from '../protocol/flow.ts'
import { type Frame, Kind, pack, packNumber } from '../protocol/frames.ts'
import { RemoteSlots } from './remote-slots.ts'

type Send = (kind: Kind, payload?: Uint8Array) => void
type SignalName = 'INT' | 'TERM' | 'KILL'

/** One call of a command, while the agent works on it. */
export class AgentCall {
  readonly #send: Send
  readonly #stop = new AbortController()
  readonly #stdout: Outlet
  readonly #stderr: Outlet
  readonly #input: Inlet
  readonly #slots: RemoteSlots
  #sendSignal: ((name: SignalName) => void) | undefined
  #onResize: ((columns: number, rows: number) => void) | undefined

  constructor(send: Send) {
    this.#send = send
    this.#stdout = new Outlet(chunk => send(Kind.data, chunk))
    this.#stderr = new Outlet(chunk => send(Kind.stderr, chunk))
    this.#input = new Inlet(bytes => send(Kind.dataCredit, packNumber(bytes)))
    this.#slots = new RemoteSlots(send)
  }

  /** Handles a frame that the command sends while the call runs. */
  receive({ kind, payload }: Frame): void {
    if (kind === Kind.data) this.#input.receive(payload)
    else if (kind === Kind.end) this.#input.end()
    else if (kind === Kind.dataCredit) this.#stdout.grant(payload.readUInt32BE(0))
    else if (kind === Kind.stderrCredit) this.#stderr.grant(payload.readUInt32BE(0))
    else if (kind === Kind.signal) this.#sendSignal?.(payload.toString() as SignalName)
    else if (kind === Kind.resize) this.#onResize?.(payload.readUInt32BE(0), payload.readUInt32BE(4))
    else if (kind === Kind.goOn) this.#slots.goOn()
    else if (kind === Kind.abort) this.abort()
  }

  /** Ends what runs for the call: the command was interrupted, or is gone. */
  abort(): void {
    this.#stop.abort()
  }

  /** Does the work and sends its result or its failure. Never rejects. */
  async serve(name: string, work: () => Promise<Buffer>): Promise<void> {
    try {
      this.#send(Kind.result, await work())
    } catch (error) {
      this.#send(Kind.failure, pack(dataOf(error, name)))
    }
  }

  /** The slot that the call came with. */
  slotOf({ slot }: HostCall): Slot | undefined {
    return slot && new HeldSlot(this.#slots, slot.isReleased)
  }

  /** @param bytes the command's standard input, or the content of the file to upload */
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
        const { stdout, stderr, ...result } = await host.run(decodeCommand(call, bytes), more)
        const outputs = [Buffer.from(stdout), Buffer.from(stderr)] as const
        return pack({ ...result, stdoutBytes: outputs[0].length }, ...outputs)
      }
      case 'stream':
        return this.#ended(host, await host.stream(decodeProcess(call, bytes), this.#streams(call), options))
      case 'shell':
        return this.#ended(host, await host.shell({ ...this.#streams(call), pty: this.#pty(call) }, options))
      case 'upload':
        await host.upload(bytes, call.path, call.mode, {
          ...options,
          ...(call.needs && { needs: call.needs }),
        })
        return pack(null)
      case 'may':
        await host.assertMay(call.need, options)
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

  /** Sends the exit after the last of the output, unless nobody waits for it any longer. */
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
