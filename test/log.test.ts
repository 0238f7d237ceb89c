import t from 'tap'
import { type LogFormat, createLog } from '../src/log.js'
import type { LogLevel } from '../src/net/log.js'

const lines = (level: LogLevel, format: LogFormat) => {
  const written: string[] = []
  return { written, log: createLog(level, format, line => written.push(line)) }
}

void t.test('logfmt: a line an event, quoted where it needs it', async t => {
  const { written, log } = lines('info', 'logfmt')
  log('warn', 'server is not read', { server: 'edge02', detail: 'a "b"\nc=d', count: 2, ok: false })
  t.equal(written.length, 1)
  t.match(
    written[0],
    /^ts=\d{4}-\d\d-\d\dT[\d:.]+Z level=warn msg="server is not read" server=edge02 detail="a \\"b\\"\\nc=d" count=2 ok=false\n$/,
  )
})

void t.test('json: the same fields', async t => {
  const { written, log } = lines('info', 'json')
  log('error', 'x', { server: 'edge02' })
  t.match(JSON.parse(written[0] ?? ''), { level: 'error', msg: 'x', server: 'edge02', ts: String })
})

void t.test('what is below the level is not written', async t => {
  const { written, log } = lines('warn', 'logfmt')
  log('info', 'x')
  log('debug', 'x')
  log('warn', 'x')
  t.equal(written.length, 1)
})
