import { Help, type Interfaces } from '@oclif/core'

/** Lists only topics that have commands. Otherwise oclif lists `rm`, because `swarm:…` contains `rm:`. */
export default class BeltHelp extends Help {
  protected override get sortedTopics(): Interfaces.Topic[] {
    return super.sortedTopics.filter(({ name }) =>
      this.config.commandIDs.some(id => id.startsWith(`${name}:`)),
    )
  }
}
