import { gauge, server } from '../definition.js'

/** What the time service on a server says. */
export const timeServiceMetrics = {
  edgeclock_ntp_synchronized: gauge(
    '1 if the server says that its clock is synchronised, 0 if it says that it is not.',
    server,
  ),
  edgeclock_ntp_leap_indicator: gauge(
    'The leap indicator that the server announces: 0 none, 1 or 2 a leap second, 3 not synchronised.',
    server,
  ),
  edgeclock_ntp_stratum: gauge(
    'The stratum that the server announces; 0 and 16 = not synchronised.',
    server,
  ),
} as const
