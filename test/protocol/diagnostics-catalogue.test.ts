import * as fc from 'fast-check'
import t from 'tap'
import { causes } from '../../src/protocol/causes.js'
import {
  causeOfRange,
  diagnosticOf,
  diagnosticsCatalogue,
} from '../../src/protocol/diagnostics-catalogue.js'
import { holds } from '../time/holds.js'

void t.test('each id is there once, in order, with a cause and a text', async t => {
  const ids = diagnosticsCatalogue.map(one => one.id)
  t.same(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  )
  for (const one of diagnosticsCatalogue) {
    t.equal(diagnosticOf(one.id), one)
    t.ok(causes.includes(one.cause) && one.text !== '', String(one.id))
  }
})

void t.test('the ids that matter have the causes that the specification gives', async t => {
  const wanted = {
    authentication: [1000],
    authorization: [1001, 1002, 1012, 4003, 4004],
    routing: [1003, 1004, 1005, 1006, 1007, 1017, 13_000, 13_011],
    dns: [1008, 1009, 1014],
    certificate: [1010, 1047],
    clock_skew: [1013],
    identity: [1018, 1019, 1020, 1021],
    federation: [1027, 1034, 1036],
    network: [1038, 1046],
    pstn: [12_000, 12_004, 12_012],
    um_routing: [15_000, 15_001, 15_030, 15_038],
  }
  for (const [cause, ids] of Object.entries(wanted)) {
    for (const id of ids) t.equal(diagnosticOf(id)?.cause, cause, String(id))
  }
})

void t.test('wrapper ids say nothing of themselves, and no others', async t => {
  const silent = diagnosticsCatalogue.filter(one => one.says === 'nothing').map(one => one.id)
  t.same(silent, [1011, 10_003])
})

void t.test('what is not confirmed says so', async t => {
  const unsure = diagnosticsCatalogue.filter(one => one.unverified).map(one => one.id)
  t.same(unsure, [1018, 1019, 1021, 1036, 1038, 1046])
})

void t.test(
  'an id of a known range has its cause, also where it is not in the catalogue',
  async t => {
    for (const [id, cause] of [
      [11_999, 'other'],
      [12_000, 'pstn'],
      [12_999, 'pstn'],
      [13_000, 'routing'],
      [13_999, 'routing'],
      [14_000, 'other'],
      [15_000, 'um_routing'],
      [15_999, 'um_routing'],
      [16_000, 'other'],
    ] as const) {
      t.equal(causeOfRange(id), cause, String(id))
    }
    t.equal(diagnosticOf(15_039), undefined)
    holds(
      t,
      fc.property(fc.nat(), id => causes.includes(causeOfRange(id))),
    )
  },
)
