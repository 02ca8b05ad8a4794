import { Flags } from '@oclif/core'

/** The flag that lets machines go of which the swarm cannot tell whether it needs them. */
export const swarmLostFlag = Flags.boolean({
  summary: 'go on where no manager tells what the swarm would lose: it is lost, or there is none',
})
