import { Registry } from 'prom-client'
import t from 'tap'
import { metricsContentType, weight } from '../../src/web/reply.js'

void t.test('the weight of a type in an Accept header', async t => {
  for (const [header, wanted, expected] of [
    [undefined, 'gzip', 0],
    ['', 'gzip', 0],
    ['gzip', 'gzip', 1],
    ['GZIP', 'gzip', 1],
    ['deflate, gzip;q=0.5', 'gzip', 0.5],
    ['gzip;q=0', 'gzip', 0],
    ['gzip ; q=0.25', 'gzip', 0.25],
    ['x-gzip', 'gzip', 0],
    ['gzip;q=nonsense', 'gzip', 1],
    ['application/openmetrics-text; version=1.0.0; q=0.7', 'application/openmetrics-text', 0.7],
  ] as const) {
    t.equal(weight(header, wanted), expected, String(header))
  }
})

void t.test('OpenMetrics is for those who ask for it', async t => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
  t.equal(metricsContentType(prometheus), Registry.OPENMETRICS_CONTENT_TYPE)
  for (const accept of [
    undefined,
    '*/*',
    'text/html',
    'text/plain, application/openmetrics-text;q=0.5',
    'application/openmetrics-text;q=0',
  ]) {
    t.equal(metricsContentType(accept), Registry.PROMETHEUS_CONTENT_TYPE, accept ?? 'none')
  }
})
