import { Flags } from '@oclif/core'

/** The flag to take machines away even if no manager can confirm that the swarm does not need them. */
export const swarmLostFlag = Flags.boolean({
  summary: 'proceed even if no manager can confirm the impact (swarm lost or never formed)',
})
