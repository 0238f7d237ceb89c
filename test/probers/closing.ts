import type { Connection, Platform } from '../../src/net/platform.js'

/** The platform, with each connection in `open` until it is closed by our side, whether the peer closed it or not. */
export const closing = (platform: Platform, open: Set<Connection>): Platform => ({
  ...platform,
  connect: async call => {
    const result = await platform.connect(call)
    if (!result.ok) return result
    const inner = result.connection
    const connection: Connection = {
      get isOpen() {
        return inner.isOpen
      },
      exchange: asked => inner.exchange(asked),
      secure: asked => inner.secure(asked),
      close: farewell => {
        open.delete(connection)
        inner.close(farewell)
      },
    }
    open.add(connection)
    return { ok: true, connection }
  },
})
