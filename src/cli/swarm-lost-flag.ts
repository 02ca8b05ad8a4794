import { Flags } from '@oclif/core'

/** The flag that takes machines away even if the swarm cannot tell whether it needs them. */
export const swarmLostFlag = Flags.boolean({
  summary: 'proceed even if no manager can confirm the impact (swarm lost or never formed)',
})
