import { fold } from '../domain/ranges.ts'

/** Belt's agent, as `belt agent status --json` prints it. */
export type AgentReport = { readonly running: false } | RunningAgent

interface RunningAgent {
  readonly running: true
  readonly pid: number
  /** ISO 8601. */
  readonly startedAt: string
  /** Names of the hosts with an open connection. */
  readonly hosts: readonly string[]
  /** How many of these hosts have a session ready for the next command. */
  readonly ready: number
  /** How many commands are running. */
  readonly commands: number
  readonly idleLimitMs: number
}

const NOT_RUNNING = "Belt's agent is not running\n"

/** Whether the agent is running, and its connections. */
export function agentText(report: AgentReport): string {
  if (!report.running) return NOT_RUNNING
  const { pid, startedAt, hosts, ready, commands, idleLimitMs } = report
  const connections = hosts.length === 0 ? 'none' : `${hosts.length}: ${fold(hosts)}`
  return [
    `Belt's agent is running (pid ${pid}) since ${startedAt}`,
    `connections  ${connections}`,
    `ready        ${ready}`,
    `commands     ${commands}`,
    `ends         after ${idleLimitMs / 1000} s without use`,
    '',
  ].join('\n')
}

/** A line for an agent that is running now. */
export function startedAgentLine({ pid }: { readonly pid: number }): string {
  return `Belt's agent is running (pid ${pid})\n`
}

/** A line for an agent that was asked to end. @param report its last one */
export function stoppedAgentLine(report: AgentReport): string {
  if (!report.running) return NOT_RUNNING
  const { pid, commands } = report
  const left = commands === 0 ? '' : ` after the ${commands} commands that are running`
  return `Belt's agent ends${left} (pid ${pid})\n`
}
