import type { Summary } from './summary.schemas';

/** A summary before there is a verdict on it. */
export type Findings = Omit<Summary, 'verdict' | 'viewer'>;
type Problem = Summary['verdict']['problems'][number];

/** The same limits as the alerts in `dashboards/prometheus/alerts.yml`, without the time that an alert waits. */
const BACKLOG_AGE_SECONDS_MAX = 5;
const VIEW_LAG_P99_MS_MAX = 5_000;
const ACKNOWLEDGEMENT_P99_MS_MAX = 2_000;
const SAMPLES_MIN = 20;

/** What a person on duty should know first, worst first: everything that is wrong now, or that nothing is. */
export function verdictOf(summary: Findings): Summary['verdict'] {
  const problems = [
    ...unreachable(summary),
    ...venueProblems(summary),
    ...orderProblems(summary),
    ...slowness(summary),
    ...breakProblems(summary),
  ];
  const bad = problems.filter(({ level }) => level === 'bad');
  const rest = problems.filter(({ level }) => level !== 'bad');
  const level = bad.length > 0 ? 'bad' : rest.length > 0 ? 'warn' : 'good';
  return { level, problems: [...bad, ...rest] };
}

const bad = (text: string): Problem => ({ level: 'bad', text });
const warn = (text: string): Problem => ({ level: 'warn', text });

function unreachable({ queues, openOrders, processes }: Findings): Problem[] {
  return [
    ...(queues.ok ? [] : [bad(`Temporal cannot be asked: ${queues.cause}. New orders are refused.`)]),
    ...(openOrders.ok ? [] : [bad(`MongoDB cannot be asked: ${openOrders.cause}. New orders are refused.`)]),
    ...processes
      .filter(({ answers }) => !answers)
      .map(({ process, cause }) =>
        bad(`The process ${process} does not answer: ${cause ?? 'no cause known'}.`),
      ),
    ...(queues.ok ? queues.value : [])
      .filter(({ pollers }) => pollers === 0)
      .map(({ queue }) => bad(`No worker asks the task queue ${queue} for work.`)),
  ];
}

function venueProblems({ venues }: Findings): Problem[] {
  return venues.flatMap(({ venue, session, unanswered, cause }) => [
    ...(session === 'down'
      ? [bad(`The session with ${venue} is down: orders wait or are in doubt, reports come later.`)]
      : []),
    ...(session === 'unknown' ? [warn(`The session with ${venue} is not known: ${cause ?? ''}.`)] : []),
    ...(unanswered > 0 ? [warn(`${venue} left ${unanswered} messages of the window unanswered.`)] : []),
  ]);
}

function orderProblems({ stuckOrders, queues, outcomes }: Findings): Problem[] {
  const stuck = stuckOrders.ok ? Object.entries(stuckOrders.value).filter(([, count]) => count > 0) : [];
  const late = (queues.ok ? queues.value : []).filter(
    ({ backlogAgeSeconds }) => backlogAgeSeconds > BACKLOG_AGE_SECONDS_MAX,
  );
  const unanswered = (outcomes['unknown'] ?? 0) + (outcomes['failed'] ?? 0);
  const refused = (outcomes['unavailable'] ?? 0) + (outcomes['overloaded'] ?? 0);
  return [
    ...stuck.map(([state, count]) => bad(`${count} orders have been ${state} for over a minute.`)),
    ...late.map(({ queue, backlog, backlogAgeSeconds }) =>
      bad(`${backlog} tasks wait in ${queue}, the oldest for ${backlogAgeSeconds.toFixed(0)} s.`),
    ),
    ...(unanswered > 0 ? [bad(`${unanswered} orders of the window got no clear answer.`)] : []),
    ...(refused > 0 ? [warn(`${refused} orders of the window were turned away.`)] : []),
  ];
}

function slowness({ latencies }: Findings): Problem[] {
  const p99Of = (what: string): number | null => {
    const found = latencies.find((latency) => latency.what === what);
    return found === undefined || found.count < SAMPLES_MIN ? null : found.p99Ms;
  };
  const acknowledgement = p99Of('Acknowledgement');
  const lag = p99Of('View lag');
  return [
    ...(acknowledgement !== null && acknowledgement > ACKNOWLEDGEMENT_P99_MS_MAX
      ? [warn(`1 % of orders wait longer than ${(acknowledgement / 1_000).toFixed(1)} s for their answer.`)]
      : []),
    ...(lag !== null && lag > VIEW_LAG_P99_MS_MAX
      ? [warn(`Views are up to ${(lag / 1_000).toFixed(0)} s behind the orders.`)]
      : []),
  ];
}

function breakProblems({ breaks }: Findings): Problem[] {
  if (!breaks.ok || breaks.value === null) return [];
  const { unbalancedAssets, reservations, unmatchedReports } = breaks.value;
  return [
    ...(unbalancedAssets.length > 0
      ? [bad(`The ledger does not sum to zero in ${unbalancedAssets.join(', ')}.`)]
      : []),
    ...(reservations > 0 ? [bad(`${reservations} ended orders still reserve cash or shares.`)] : []),
    ...(unmatchedReports > 0
      ? [bad(`${unmatchedReports} execution reports of the last day have no order.`)]
      : []),
  ];
}
