import { stringify } from 'yaml'
import { alertGroups, recordingGroups } from './groups.js'
import { podProbe, prometheusRule, serviceMonitor } from './kubernetes.js'
import type { BundleUrls } from './urls.js'

const GENERATED = `# Generated from alerts/source/ by \`npm run bundle\`: change it there.\n`

/** Whoever is woken reads the links somewhere else. */
const linked = ({ grafana, runbooks }: BundleUrls): string =>
  `# Its links lead to ${grafana} and ${runbooks}. For others:\n` +
  '# npm run bundle -- --grafana-url=https://grafana.contoso.com --runbook-url=https://edgeclock.contoso.com/runbooks\n'

const yaml = (value: unknown, comment = ''): string =>
  `${GENERATED}${comment}${stringify(value, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false })}`

/** Every file that is made from here: its path in the project, its text. */
export const bundleFiles = (urls: BundleUrls): ReadonlyMap<string, string> => {
  const recording = recordingGroups()
  const alerting = alertGroups(urls)
  const rule = prometheusRule([...recording, ...alerting])
  const monitor = serviceMonitor()
  const probe = podProbe()
  return new Map([
    ['alerts/rules/edgeclock.recording.yml', yaml({ groups: recording })],
    ['alerts/rules/edgeclock.alerts.yml', yaml({ groups: alerting }, linked(urls))],
    ['alerts/kubernetes/prometheusrule.yml', yaml(rule.resource, linked(urls) + rule.comment)],
    ['alerts/kubernetes/servicemonitor.yml', yaml(monitor.resource, monitor.comment)],
    ['alerts/kubernetes/probe.yml', yaml(probe.resource, probe.comment)],
  ])
}
