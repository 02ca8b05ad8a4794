import { Flags } from '@oclif/core'
import { usageError } from '../../errors.ts'

/** The flag to join new machines at their first start. Only workers can, because a manager's token is worth more. */
export const joinFlag = Flags.string({
  helpValue: 'worker',
  summary:
    'join the machines to the swarm as workers at their first start, and wait until the managers see them',
  parse: async role => {
    if (role === 'worker') return role
    const refusal =
      role === 'manager'
        ? 'machines cannot join as managers at their first start, because whoever reads the token in their user data could take over the swarm'
        : `machines can only join as worker, not as ${role}`
    throw usageError('bad-role', refusal, {
      hint: 'run belt create NODES, then belt swarm join --manager MANAGER NODES, which joins over SSH one at a time',
    })
  },
})
