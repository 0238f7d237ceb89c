/** Where the dashboards are: the uids that alerts and links name. */
export const UIDS = {
  pools: 'edgeclock-pools',
  server: 'edgeclock-server',
  calls: 'edgeclock-calls',
  exporter: 'edgeclock-exporter',
} as const

export interface Link {
  readonly title: string
  readonly url: string
}

const KEPT = '${__url_time_range}&${datasource:queryparam}&${job:queryparam}'

const link = (title: string, uid: string, pool: string, server: string): Link => ({
  title,
  url: `/d/${uid}?var-pool=${pool}&var-server=${server}&${KEPT}`,
})

/** From a series with the labels pool and server to that server, at the same time. */
export const TO_SERVER = link(
  'This server in depth',
  UIDS.server,
  '${__field.labels.pool:percentencode}',
  '${__field.labels.server:percentencode}',
)

/** The same from a row of a table with these columns. */
export const ROW_TO_SERVER = link(
  'This server in depth',
  UIDS.server,
  '${__data.fields.Pool:percentencode}',
  '${__data.fields.Server:percentencode}',
)

/** From a series of a pool's calls to that pool's clocks. */
export const TO_POOL: Link = {
  title: 'The clocks of this pool',
  url: `/d/${UIDS.pools}?var-pool=\${__field.labels.pool:percentencode}&var-server=$__all&${KEPT}`,
}
