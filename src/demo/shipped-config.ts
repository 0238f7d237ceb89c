import { join } from 'node:path'
import { type Document, isMap, isSeq, parseDocument } from 'yaml'

/** The job that the shipped rules and dashboards know. */
const JOB = 'edgeclock'

export interface PrometheusAddresses {
  /** Where the shipped file lies: its relative paths start there. Absolute. */
  readonly folder: string
  /** host:port, as the others. */
  readonly exporters: readonly string[]
  readonly alertmanagers: readonly string[]
}

/**
 * The text of alerts/prometheus.yml with these addresses in place of its own, and its rule files' paths made
 * absolute. All else stays. @throws Error where the file lacks what is to be replaced.
 */
export const prometheusAt = (shipped: string, to: PrometheusAddresses): string => {
  const document = parsed(shipped)
  makeAbsolute(document, 'rule_files', to.folder)
  document.setIn(['alerting', 'alertmanagers'], document.createNode([targets(to.alertmanagers)]))
  const jobs = document.get('scrape_configs')
  const job = isSeq(jobs) && jobs.items.find(one => isMap(one) && one.get('job_name') === JOB)
  if (!isMap(job)) throw new Error(`the shipped configuration has no job ${JOB}`)
  // Names that only resolve beside the shipped containers.
  for (const key of job.items.map(pair => String(pair.key))) {
    if (key.endsWith('_sd_configs')) job.delete(key)
  }
  job.set('static_configs', document.createNode(targets(to.exporters).static_configs))
  return String(document)
}

export interface AlertmanagerAddresses {
  readonly folder: string
  /** The URL that takes what each receiver is to be told. */
  readonly webhook: string
}

/**
 * The text of alerts/alertmanager.yml with this webhook as the only integration of each of its receivers, and
 * its templates' paths made absolute. @throws Error where it has no receivers.
 */
export const alertmanagerAt = (shipped: string, to: AlertmanagerAddresses): string => {
  const document = parsed(shipped)
  makeAbsolute(document, 'templates', to.folder)
  const receivers = document.get('receivers')
  if (!isSeq(receivers)) throw new Error('the shipped configuration has no receivers')
  const webhooks = [{ url: to.webhook, send_resolved: true }]
  receivers.items = receivers.items.map(one => {
    if (!isMap(one)) throw new Error('a receiver of the shipped configuration is no mapping')
    return document.createNode({ name: one.get('name'), webhook_configs: webhooks })
  })
  return String(document)
}

const targets = (addresses: readonly string[]) => ({ static_configs: [{ targets: addresses }] })

const parsed = (text: string): Document => {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) throw error
  return document
}

const makeAbsolute = (document: Document, key: string, folder: string): void => {
  const paths = document.get(key)
  if (!isSeq(paths)) throw new Error(`the shipped configuration has no ${key}`)
  const absolute = paths.items.map(path => join(folder, String(path)))
  document.set(key, document.createNode(absolute))
}
