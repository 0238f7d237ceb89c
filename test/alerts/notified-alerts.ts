import type { PostedAlert } from '../peers/alertmanager.js'

const LASTS_MS = 1000

export type Times = { startsAt: string; endsAt: string }

/** Of alerts that begin now: of one that began before its group's wait is told at once, and alone. */
export const fromNow = (): Times => {
  const now = Date.now()
  const [startsAt, endsAt] = [now, now + LASTS_MS].map(ms => new Date(ms).toISOString())
  return { startsAt: startsAt ?? '', endsAt: endsAt ?? '' }
}

const GRAFANA = 'http://localhost:3000/d/edgeclock-server?var-pool=edgepool1&var-server='
const RUNBOOKS = 'http://localhost:10429/runbooks'

/** Firing, or over; the latter not before its end. */
export type State = 'firing' | 'over'

const during = ({ startsAt, endsAt }: Times, state: State) =>
  state === 'firing' ? { startsAt } : { startsAt, endsAt }

const exporter = { job: 'edgeclock', instance: 'monitor1:10429' }

/** A page, or its end. */
export const farOff = (times: Times, state: State = 'firing'): PostedAlert => ({
  labels: {
    ...exporter,
    alertname: 'EdgeclockClockFarOff',
    severity: 'critical',
    pool: 'edgepool1',
    server: 'edge02',
  },
  annotations: {
    summary: "A server's clock is more than a minute off.",
    description: 'The clock of edge02 in pool edgepool1 is 6h behind: run `w32tm /resync` on it.',
    runbook_url: `${RUNBOOKS}/EdgeclockClockFarOff`,
    dashboard_url: `${GRAFANA}edge02`,
  },
  ...during(times, state),
})

/** A ticket about one of several servers, or its end. */
export const off = (server: string, times: Times, state: State = 'firing'): PostedAlert => ({
  labels: {
    ...exporter,
    alertname: 'EdgeclockClockOff',
    severity: 'warning',
    pool: 'edgepool1',
    server,
  },
  annotations: {
    summary: "A server's clock is off.",
    description: `The clock of ${server} in pool edgepool1 is 7s ahead.`,
    runbook_url: `${RUNBOOKS}/EdgeclockClockOff`,
    dashboard_url: `${GRAFANA}${server}`,
  },
  ...during(times, state),
})

/** From other rules: no severity, no summary, no runbook; and somebody means ill. */
export const outOfOrder = ({ startsAt }: Times): PostedAlert => ({
  labels: { alertname: 'Other', instance: '<img src=x onerror=alert(1)>' },
  annotations: {
    description: '<script>alert("1 & 2")</script> {{ .Status }}',
    dashboard_url: 'javascript:alert(1)',
  },
  startsAt,
})
