/** Files of ssh2 that have no types. `ssh2.ts` gives them the types of the library (docs/decisions/start.md). */
declare module 'ssh2/lib/agent.js' {
  const agents: { readonly BaseAgent: unknown; readonly createAgent: unknown }
  export default agents
}
declare module 'ssh2/lib/client.js' {
  const client: unknown
  export default client
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  const keys: { readonly parseKey: unknown }
  export default keys
}
