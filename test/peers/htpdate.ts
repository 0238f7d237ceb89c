import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { joinEnv, requirePeer } from './peer.js'

const DEADLINE_MS = 20_000
/** `-p`: the most bisections that it does, down to 2 ms; each is a request. */
const PRECISION = 9

/**
 * `-q` only asks. Run by root it is besides without the right to set the clock (capabilities(7)): nothing
 * that it ever did could touch it.
 */
const UNPRIVILEGED = [
  'setpriv',
  '--bounding-set=-sys_time',
  '--inh-caps=-sys_time',
  '--ambient-caps=-sys_time',
  '--no-new-privs',
]

export type HtpdateAnswer = {
  /** The server's clock less ours; positive: the server is ahead. */
  offsetSeconds: number
  requests: number
}

/**
 * What Debian's HTTP time client makes of one web server. Its measurement, from `-d`: what it goes by in
 * the end is the mean of that and 0 where the offset is below a second and the server the only one.
 */
export const htpdate = async (address: string, port: number): Promise<HtpdateAnswer> => {
  const { path, env } = requirePeer('htpdate')
  const wrapper = process.getuid?.() === 0 ? UNPRIVILEGED : []
  const url = `http://${address}:${port}/`
  const asked = ['-q', '-d', '-d', '-n', '-4', '-p', String(PRECISION), url]
  const [command = path, ...args] = [...wrapper, path, ...asked]
  const { stdout, stderr } = await promisify(execFile)(command, args, {
    env: { ...process.env, ...joinEnv(env) },
    timeout: DEADLINE_MS,
  })
  const [, offset] = /^offset: (\S+)$/m.exec(stdout) ?? []
  if (offset === undefined) throw new Error(`htpdate: ${stdout}${stderr}`)
  const requests = stdout.match(/^bisect: /gm)?.length ?? 0
  return { offsetSeconds: Number(offset), requests }
}
