import { gauge, server } from '../definition.js'

/** What the time service on a server says, in its tools or in a reading of its clock. */
export const timeServiceMetrics = {
  edgeclock_ntp_synchronized: gauge(
    '1 if the time service says that a source keeps the clock, 0 if it says that none does. Over NTP a server may announce its own clock as one.',
    server,
  ),
  edgeclock_ntp_synchronized_since_boot: gauge(
    '1 once the time service has synchronised the clock since the server started, 0 while by all that it says it has not. Absent while not known.',
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
  edgeclock_ntp_last_sync_timestamp_seconds: gauge(
    'When the time service last synchronised the clock, in seconds of Unix time by that clock. Absent where it never did.',
    server,
  ),
  edgeclock_ntp_last_sync_error: gauge(
    'How W32Time last tried to synchronise: 0 succeeded, 1 no time data, 2 stale time data, 3 the change was too big, 4 it was shutting down.',
    server,
  ),
  edgeclock_ntp_service_found: gauge(
    "1 if there is a time service that edgeclock knows, 0 if none was found. Only where the server's own tools are asked.",
    server,
  ),
  edgeclock_ntp_service_running: gauge('1 while the time service runs, else 0.', server),
  edgeclock_ntp_service_survives_reboot: gauge(
    '1 if the time service will run after the next boot, as it is configured now, 0 if it will not.',
    server,
  ),
  edgeclock_ntp_max_correction_seconds: gauge(
    'The largest offset in seconds that the time service corrects in either direction; +Inf = any.',
    server,
  ),
  edgeclock_ntp_correction_possible: gauge(
    '1 while the present offset is within what the time service corrects in its direction, 0 while it will never correct it.',
    server,
  ),
  edgeclock_ntp_source_info: gauge(
    '1; what the time service follows now, and what it was configured to follow; empty = nothing, or not known.',
    [...server, 'source', 'configured'],
  ),
  edgeclock_ntp_source_hypervisor: gauge(
    '1 if the host of the virtual machine sets the clock, 0 if another source does, or none.',
    server,
  ),
  edgeclock_ntp_source_readable: gauge(
    '1 if this tool of the system told of the time service in the last round, 0 if not, with the reason. What depends on it is then absent.',
    [...server, 'tool', 'reason'],
  ),
} as const
