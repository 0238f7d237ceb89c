import { readFile } from 'node:fs/promises'

/**
 * Whether some process of this system has bound the UDP port on IPv4. Reads Linux's own list: asking
 * the port would put a message into what is watched, and binding it could take it from the process.
 */
export const isUdpBound = async (port: number): Promise<boolean> => {
  const sockets = await readFile('/proc/net/udp', 'latin1')
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return sockets.split('\n').some(line => line.trim().split(/\s+/)[1]?.endsWith(local))
}
