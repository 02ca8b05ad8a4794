import { describe, expect, it } from 'vitest'
import { agentText, startedAgentLine, stoppedAgentLine } from '../../src/ui/agent.ts'

const RUNNING = {
  running: true,
  pid: 42,
  startedAt: '2026-03-01T08:00:00.000Z',
  hosts: ['node1', 'node2'],
  ready: 1,
  commands: 0,
  idleLimitMs: 600_000,
} as const

describe("Belt's agent", () => {
  it('is shown with its connections', () => {
    expect(agentText(RUNNING)).toContain('is running (pid 42) since 2026-03-01T08:00:00.000Z')
    expect(agentText(RUNNING)).toContain('connections  2: node[1:2]')
  })

  it('is shown as not running', () => {
    expect(agentText({ running: false })).toBe("Belt's agent is not running\n")
    expect(stoppedAgentLine({ running: false })).toBe("Belt's agent is not running\n")
  })

  it('tells its process when it starts and when it ends', () => {
    expect(startedAgentLine(RUNNING)).toBe("Belt's agent is running (pid 42)\n")
    expect(stoppedAgentLine(RUNNING)).toBe("Belt's agent ends (pid 42)\n")
  })

  it('says when it still waits for commands', () => {
    expect(stoppedAgentLine({ ...RUNNING, commands: 2 })).toBe(
      "Belt's agent ends after the 2 commands that are running (pid 42)\n",
    )
  })
})
