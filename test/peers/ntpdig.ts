import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { requirePeer } from './peer.js'

const PYTHON = '/usr/bin/python3'
const DEADLINE_MS = 15_000

/** ntpdig asks port 123 and has no option for another, and only root may serve there. */
const WITH_PORT = `
import runpy, socket, sys
port = int(sys.argv[1])
sys.argv = sys.argv[2:]
lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, _, *more: lookup(host, port, *more)
runpy.run_path(sys.argv[0], run_name='__main__')
`

const answer = z
  .object({ offset: z.number(), precision: z.number(), stratum: z.number(), leap: z.string() })
  .transform(({ offset, precision, stratum, leap }) => ({
    /** The server's clock less ours; positive: the server is ahead. */
    offsetSeconds: offset,
    /** Half of the round trip, and what the server says of its own error. */
    errorSeconds: precision,
    stratum,
    leap,
  }))

export type NtpdigAnswer = z.infer<typeof answer>

/** What NTPsec's client makes of the server, from one exchange; throws when there is no answer. */
export const ntpdig = async (address: string, port: number): Promise<NtpdigAnswer> => {
  const { path, env } = requirePeer('ntpdig')
  const args = ['-c', WITH_PORT, String(port), path, '--json', '--timeout=2', address]
  const { stdout } = await promisify(execFile)(PYTHON, args, {
    env: { ...process.env, ...env },
    timeout: DEADLINE_MS,
  })
  return answer.parse(JSON.parse(stdout))
}
