import { readFile } from 'node:fs/promises'

const TABLES = ['/proc/net/udp', '/proc/net/udp6']

/**
 * Datagrams that the kernel dropped since a UDP socket on this port was bound, because nobody took them in
 * time; undefined where there is no /proc. Of several sockets on one port their sum.
 */
export const kernelDrops = async (port: number): Promise<number | undefined> => {
  const tables = await Promise.all(
    TABLES.map(name => readFile(name, 'utf8').catch(() => undefined)),
  )
  const known = tables.filter(table => table !== undefined)
  return known.length === 0 ? undefined : dropsIn(known.join('\n'), port)
}

/** `  17: 0100007F:2364 00000000:0000 07 … 0`: the local port in hexadecimal, drops last. proc(5). */
export const dropsIn = (tables: string, port: number): number => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const line = new RegExp(`^ *\\d+: [0-9A-F]+:${hex} .* (\\d+) *$`, 'gm')
  return [...tables.matchAll(line)].reduce((sum, [, drops]) => sum + Number(drops), 0)
}
