import { nodePlatform } from '../dist/net/node-platform.js'
import { ClockSide } from '../dist/clockside/clock-side.js'
import { parseConfig } from '../dist/config/config.js'

/**
 * Forked: the clock side alone, reading the pools of the configuration that comes as the first message on
 * schedule. To each later message it tells what it did and took since it began.
 */
let exchanges = 0
let readings = 0

/**
 * Counts and does nothing else: an `await` of its own would be paid for in what is measured.
 *
 * @param {import('../dist/net/platform.js').Platform} platform
 * @param {Set<bigint>} timeouts
 */
const counting = (platform, timeouts) => ({
  ...platform,
  timers: {
    after: (delay, run) => {
      // A reading sets itself one deadline, of exactly its module's timeout.
      if (timeouts.has(delay)) readings++
      return platform.timers.after(delay, run)
    },
  },
  exchangeDatagram: call => {
    exchanges++
    return platform.exchangeDatagram(call)
  },
  connect: async call => {
    const result = await platform.connect(call)
    if (!result.ok) return result
    const { connection } = result
    const counted = {
      get isOpen() {
        return connection.isOpen
      },
      exchange: request => {
        exchanges++
        return connection.exchange(request)
      },
      secure: how => connection.secure(how),
      close: farewell => connection.close(farewell),
    }
    return { ok: true, connection: counted }
  },
})

/** @param {ClockSide} side How the last readings of all servers went, and how wide they are. */
const stateOf = side => {
  const { servers } = side.snapshot()
  const modules = servers.flatMap(server => server.modules)
  /** @type {Record<string, number>} */
  const failures = {}
  for (const [reason, count] of modules.flatMap(module => Object.entries(module.failures))) {
    if (count > 0) failures[reason] = (failures[reason] ?? 0) + count
  }
  return {
    good: modules.filter(module => module.success).length,
    /** Half-widths, ascending. Seconds. */
    errors: servers.flatMap(({ offset }) => offset?.error ?? []).sort((a, b) => a - b),
    failures,
  }
}

process.once('message', text => {
  const parsed = parseConfig(String(text))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const { config } = parsed
  const timeouts = new Set(config.pools.flatMap(pool => pool.modules.map(({ timeout }) => timeout)))
  const side = new ClockSide(counting(nodePlatform(), timeouts), () => undefined, config)
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const cpuSeconds = (user + system) / 1e6
    process.send?.({ exchanges, readings, cpuSeconds, ...stateOf(side) })
  })
  process.send?.('started')
})
process.once('disconnect', () => process.exit(0))
