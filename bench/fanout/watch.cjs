// Loaded into the command line by the benchmark: tells, at its end, how long its event loop was blocked at most and how
// much memory it had. What blocks before the first connection is the start of the program, which is measured apart.
const { subscribe } = require('node:diagnostics_channel')
const { writeFileSync } = require('node:fs')
const { monitorEventLoopDelay } = require('node:perf_hooks')

const RESOLUTION_MS = 5
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
subscribe('net.client.socket', () => delay.enable())
process.on('exit', () => {
  const blockedMs = Math.round(delay.max / 1e6)
  const peakMB = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6)
  writeFileSync(process.env.BENCH_WATCH, JSON.stringify({ blockedMs, peakMB }))
})
