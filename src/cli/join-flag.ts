import { Flags } from '@oclif/core'
import { usageError } from '../errors.ts'

/** The flag that lets new machines join by themselves: as workers only, whose token is worth less. */
export const joinFlag = Flags.string({
  helpValue: 'worker',
  summary:
    'join the machines to the swarm as workers at their first start, and wait until the managers see them',
  parse: async role => {
    if (role === 'worker') return role
    const refusal =
      role === 'manager'
        ? 'machines cannot join as managers at their first start: whoever reads the token in their user data could take over the swarm'
        : `machines join as workers, not as ${role}`
    throw usageError('bad-role', refusal, {
      hint: 'belt create NODES, then belt swarm join --manager MANAGER NODES: over SSH, one at a time',
    })
  },
})
