import { setFlagsFromString } from 'node:v8'

/**
 * Has Node 20 optimise code later: a run on hundreds of hosts ends before its optimised code has paid for its compilation,
 * which took a fifth of the processor time; what runs for long still is optimised. Later Nodes have a compiler in between,
 * and no such setting. To be called when most is loaded: with other flags V8 takes no code that was compiled before.
 */
export function optimiseLate(): void {
  if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=500000')
}
