import t from 'tap'
import { causes } from '../../src/protocol/causes.js'
import { catalogued, eventCatalogue } from '../../src/protocol/event-catalogue.js'
import { EDGE_EVENT } from './windows-events.js'

/** As the Service Control Manager writes it. */
const binaryOf = (text: string): string => Buffer.from(`${text}\0`, 'utf16le').toString('hex')

const idOf = (provider: string, eventId: number, binary = ''): number | undefined =>
  catalogued({ ...EDGE_EVENT, provider, eventId, binary })?.id

void t.test('an id alone says which event it is, and each has a cause', async t => {
  const ids = eventCatalogue.map(event => event.id)
  t.equal(new Set(ids).size, ids.length)
  t.same(ids, [14_619, 14_559, 44_009, 14_428, 14_501, 14_502, 14_603, 32_263, 1, 7036])
  for (const event of eventCatalogue) t.ok(causes.includes(event.cause))
})

void t.test('an event is known by its id and its provider, in any case', async t => {
  t.equal(idOf('LS Protocol Stack', 14_619), 14_619)
  t.equal(idOf('ls protocol STACK', 14_559), 14_559)
  t.equal(catalogued({ ...EDGE_EVENT, eventId: 14_559 })?.cause, 'identity')
  t.equal(idOf('LS Exchange Unified Messaging Routing', 44_009), 44_009)
  t.equal(idOf('Microsoft-Windows-Kernel-General', 1), 1)
  t.equal(idOf('Some Other Provider', 1), undefined)
  t.equal(idOf('LS User Services', 14_619), undefined)
  t.equal(idOf('LS Protocol Stack', 14_620), undefined)
})

void t.test('of the Service Control Manager only the stop of the time service counts', async t => {
  const scm = 'Service Control Manager'
  t.equal(idOf(scm, 7036, binaryOf('w32time/1')), 7036)
  t.equal(idOf(scm, 7036, binaryOf('W32Time/1').toUpperCase()), 7036)
  t.equal(idOf(scm, 7036, binaryOf('W32Time/4')), undefined)
  t.equal(idOf(scm, 7036, binaryOf('Spooler/1')), undefined)
  t.equal(idOf(scm, 7036, ''), undefined)
  t.equal(idOf(scm, 7036, 'zz'), undefined)
})
