import type { Connection, Platform } from '../../src/net/platform.js'

/** The platform, with everything that is sent over its connections, also what goes inside TLS, kept in `sent`. */
export const keepingSent = (platform: Platform, sent: Uint8Array[]): Platform => ({
  ...platform,
  connect: async call => {
    const result = await platform.connect(call)
    return result.ok ? { ok: true, connection: keeping(result.connection, sent) } : result
  },
})

const keeping = (connection: Connection, sent: Uint8Array[]): Connection => ({
  get isOpen() {
    return connection.isOpen
  },
  exchange: call => {
    sent.push(call.request)
    return connection.exchange(call)
  },
  secure: call => connection.secure(call),
  close: farewell => {
    if (farewell) sent.push(farewell)
    connection.close(farewell)
  },
})

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')

/** The types of all NTLM messages in there: 1 begins a logon, 3 would be one. */
export const ntlmTypes = (sent: readonly Uint8Array[]): readonly number[] => {
  const bytes = Buffer.concat(sent)
  const types: number[] = []
  for (let at = bytes.indexOf(SIGNATURE); at >= 0; at = bytes.indexOf(SIGNATURE, at + 1)) {
    types.push(bytes.readUInt32LE(at + SIGNATURE.length))
  }
  return types
}
