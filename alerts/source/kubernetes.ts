import { JOB } from './exporter.js'
import type { Group } from './groups.js'

/** A resource of the Prometheus Operator, and what its user has to fill in. */
interface Resource {
  readonly comment: string
  readonly resource: object
}

const API = 'monitoring.coreos.com/v1'
const metadata = (name: string): object => ({ name, labels: { 'app.kubernetes.io/name': JOB } })

export const prometheusRule = (groups: readonly Group[]): Resource => ({
  comment: `# The rules of ../rules/, evaluated as often as there; the operator's Prometheus does so every 30 s if not told
# otherwise. Give it the labels that your Prometheus selects rules by (its ruleSelector).\n`,
  resource: {
    apiVersion: API,
    kind: 'PrometheusRule',
    metadata: metadata('edgeclock'),
    spec: { groups: groups.map(({ name, rules }) => ({ name, interval: '15s', rules })) },
  },
})

export const serviceMonitor = (): Resource => ({
  comment: `# Scrapes the Service of edgeclock. Fill in: the labels that your Prometheus selects by
# (serviceMonitorSelector), and below the labels of the Service and the name of its port for 10429.
# The rules and dashboards know the exporter by the job ${JOB}, whatever the Service is called.\n`,
  resource: {
    apiVersion: API,
    kind: 'ServiceMonitor',
    metadata: metadata('edgeclock'),
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': JOB } },
      endpoints: [
        {
          port: 'http',
          path: '/metrics',
          interval: '15s',
          relabelings: [{ targetLabel: 'job', replacement: JOB }],
        },
      ],
    },
  },
})

export const podProbe = (): Resource => ({
  comment: `# Reads clocks one by one through the exporter's /probe: for a look besides, since alerts and dashboards
# are made from /metrics. Fill in: the labels that your Prometheus selects by (probeSelector), the
# Service's address, and the servers, which have to be in edgeclock's configuration under pools or
# probe.allow. \`module\` is one of that configuration.\n`,
  resource: {
    apiVersion: API,
    kind: 'Probe',
    metadata: metadata('edgeclock-probe'),
    spec: {
      jobName: 'edgeclock-probe',
      interval: '15s',
      module: 'ntp',
      prober: { url: 'edgeclock.monitoring.svc:10429', path: '/probe' },
      targets: { staticConfig: { static: ['192.0.2.11', '192.0.2.12'] } },
    },
  },
})
