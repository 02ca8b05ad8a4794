import type whole from 'ssh2'
import agents from 'ssh2/lib/agent.js'
import client from 'ssh2/lib/client.js'
import keys from 'ssh2/lib/protocol/keyParser.js'

/*
 * The parts of ssh2 that Belt uses. The whole library also loads a server and HTTP agents, which take longer to load than
 * the rest (docs/decisions/start.md).
 */
export const Client = client as typeof whole.Client
export const BaseAgent = agents.BaseAgent as typeof whole.BaseAgent
export const createAgent = agents.createAgent as typeof whole.createAgent
export const parseKey = keys.parseKey as typeof whole.utils.parseKey
