import type whole from 'ssh2'
import agents from 'ssh2/lib/agent.js'
import client from 'ssh2/lib/client.js'
import keys from 'ssh2/lib/protocol/keyParser.js'

/*
 * What Belt uses of ssh2. As a whole it would load a server, a generator of keys and agents for HTTP, with all of Node's
 * HTTP, which take longer than the rest.
 */
export const Client = client as typeof whole.Client
export const BaseAgent = agents.BaseAgent as typeof whole.BaseAgent
export const createAgent = agents.createAgent as typeof whole.createAgent
export const parseKey = keys.parseKey as typeof whole.utils.parseKey
