import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'

const read = (path: string): unknown =>
  parse(readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8'), { merge: true })

const compose = z.object({
  services: z.object({
    grafana: z.object({
      volumes: z.array(z.string()),
      environment: z.record(z.string(), z.string()),
    }),
  }),
})
const prometheus = z.object({ global: z.object({ scrape_interval: z.string() }) })

void t.test('the data source scrapes as often as Prometheus does', async t => {
  const { global } = prometheus.parse(read('alerts/prometheus.yml'))
  t.match(read('grafana/provisioning/datasources/edgeclock.yml'), {
    apiVersion: 1,
    datasources: [
      {
        uid: 'edgeclock',
        type: 'prometheus',
        url: '${EDGECLOCK_PROMETHEUS_URL}',
        editable: false,
        jsonData: { timeInterval: global.scrape_interval },
      },
    ],
  })
})

void t.test('the dashboards are looked for where they are mounted', async t => {
  const { grafana } = compose.parse(read('docker-compose.yml')).services
  const mounted = (folder: string) =>
    grafana.volumes.find(volume => volume.startsWith(`${folder}:`))?.split(':')[1]
  t.match(read('grafana/provisioning/dashboards/edgeclock.yml'), {
    apiVersion: 1,
    providers: [
      {
        folderUid: 'edgeclock',
        disableDeletion: true,
        allowUiUpdates: false,
        options: { path: mounted('./grafana/dashboards') },
      },
    ],
  })
  t.equal(mounted('./grafana/provisioning'), '/etc/grafana/provisioning')
  t.match(grafana.environment['EDGECLOCK_PROMETHEUS_URL'], /^http:/)
})
