import type { Failure } from './failure.js'
import type { Connection, Platform } from './platform.js'

/** What is done before and after an exchange; it may put a failure in the place of what came. */
export type Around = <T>(run: () => Promise<T | Failure>) => Promise<T | Failure>

/** The connection, with `around` about each of its exchanges. */
export const aroundExchanges = (connection: Connection, around: Around): Connection => ({
  get isOpen() {
    return connection.isOpen
  },
  exchange: call => around(() => connection.exchange(call)),
  secure: call => connection.secure(call),
  close: farewell => connection.close(farewell),
})

/** The platform, with `around` about each exchange, whatever it goes over. */
export const watchedPlatform = (platform: Platform, around: Around): Platform => ({
  ...platform,
  exchangeDatagram: call => around(() => platform.exchangeDatagram(call)),
  connect: async call => {
    const result = await platform.connect(call)
    return result.ok ? { ok: true, connection: aroundExchanges(result.connection, around) } : result
  },
})
