import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { composeIncident } from '../calls/incident.js'
import { encodeChallenge } from '../peers/ntlm-challenge.js'
import { honestReply, startNtpServer } from '../peers/ntp-server.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { startExporter } from './exporter.js'

/** A web server with Windows authentication, on a computer of this name. */
const startWindows = async (scope: Scope, computer: string): Promise<number> => {
  const server = createServer(({ headers }, response) => {
    const stamp = BigInt(Date.now()) * 1_000_000n
    const challenge = Buffer.from(encodeChallenge({ stamp, computer, domain: 'CONTOSO' }))
    const more = headers.authorization ? ` ${challenge.toString('base64')}` : ''
    response.writeHead(401, { 'WWW-Authenticate': `Negotiate${more}`, 'Content-Length': '0' })
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

void t.test('a trace in the name that a server calls itself by counts at that server', async t => {
  const reference = await startNtpServer(t, request => honestReply(request))
  const port = await startWindows(t, 'EDGE02')
  const folder = await temporaryFolder(t, 'traces')
  const exporter = await startExporter(t, {
    reference: { servers: [`127.0.0.1:${reference.port}`] },
    modules: { nt: { prober: 'winrm', port, timeout: '900ms' } },
    pools: [
      {
        name: 'edgepool1',
        interval: '1s',
        modules: ['nt'],
        servers: [{ name: 'perimeter', address: '127.0.0.1' }],
      },
    ],
    calls: {
      state_directory: await temporaryFolder(t, 'state'),
      settle_after: '1s',
      open_limit: '2s',
      sources: [{ kind: 'trace', pool: 'edgepool1', path: `${folder}/*.log` }],
    },
  })
  const server = 'perimeter'
  await until(
    async () =>
      (await exporter.metrics()).value('edgeclock_server_identity_info', {
        pool: 'edgepool1',
        server,
        module: 'nt',
        computer: 'EDGE02',
        dns_name: '',
        domain: 'CONTOSO',
      }) === 1,
    { what: 'the name of the computer' },
  )
  // The scrape that showed it has told it to whoever counts; the trace is written after that.
  const { files } = composeIncident(11)
  const trace = files.filter(file => file.server === 'EDGE02')
  for (const [i, { content }] of trace.entries()) {
    await writeFile(join(folder, `EDGE02-${i}.log`), content)
  }
  const counted = async () => {
    const all = (await exporter.metrics()).all('edgeclock_sip_failures_total')
    return new Set(all.filter(({ value }) => value > 0).map(({ labels }) => labels['server']))
  }
  await until(async () => (await counted()).size > 0, { what: 'failures', timeoutMs: 60_000 })
  t.same([...(await counted())], [server])
})
