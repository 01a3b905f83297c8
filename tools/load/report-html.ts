import { rounded } from '../bench/statistics';
import type { Moment, PhaseFigures } from './figures';
import type { Verdict } from './judge';
import { table, type Cell } from './html-table';
import { linkNamed } from './links';
import type { PlannedPhase } from './profiles';
import { STYLE } from './report-style';
import type { LoadReport } from './run-profile';
import { barChart, escaped, lineChart, type Series } from './svg';

const COLOURS = {
  arrivals: '#8a8f98',
  acknowledged: '#1668c7',
  ended: '#1d8a4e',
  p50: '#1668c7',
  p95: '#c77d16',
  p99: '#b3261e',
  floor: '#8a8f98',
  open: '#6b3fa0',
} as const;

function summary(report: LoadReport): string {
  const { machine, floor, capacity, baseRatePerSecond } = report;
  const measured =
    capacity === undefined
      ? `The base load was given: ${baseRatePerSecond} orders a second.`
      : `The system fills and settles ${capacity.ordersPerSecond} orders a second at saturation, measured in this run; the base load is a tenth of it, ${baseRatePerSecond}.`;
  return (
    `<p>${escaped(report.startedAt)} on ${machine.cores} cores (${escaped(machine.processor)}), ` +
    `${machine.memoryGigabytes} GB, Node ${escaped(machine.node)}, ${escaped(machine.platform)}; servers, workers and load generator share them. ${measured} ` +
    `The floor is an empty update-with-start on the same servers, one at a time: p50 ${floor.p50Ms} ms, p99 ${floor.p99Ms} ms. ` +
    `Arrivals follow a plan and wait for no answer; 60 % are market orders, 25 % resting orders that are cancelled, 15 % are amended first.</p>`
  );
}

function verdictsTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ phase, what, value, max, unit, ok, examples = [] }): Cell[] => [
    `<span class="${ok ? 'good' : 'bad'}">${ok ? 'ok' : 'breach'}</span>`,
    escaped(phase),
    escaped(what) +
      (ok || examples.length === 0 ? '' : `<br><small>${examples.map(escaped).join('<br>')}</small>`),
    value,
    `at most ${max} ${escaped(unit)}`,
  ]);
  return table(['', 'phase', 'what', 'value', 'bound'], rows);
}

/** Breaches stand open; what holds is a long list that only some want to read. */
function verdicts({ verdicts: all, ok }: LoadReport): string {
  const breaches = all.filter((verdict) => !verdict.ok);
  const banner = ok
    ? `All ${all.length} thresholds hold.`
    : `${breaches.length} of ${all.length} thresholds are breached.`;
  const rest = all.filter((verdict) => verdict.ok);
  return (
    `<div class="banner ${ok ? 'good' : 'bad'}">${banner}</div>` +
    (ok ? '' : verdictsTable(breaches)) +
    `<details><summary>${rest.length} thresholds that hold</summary>${verdictsTable(rest)}</details>`
  );
}

function phasesTable(phases: readonly PhaseFigures[]): string {
  return table(
    [
      'phase',
      'orders',
      'acknowledged',
      'refused',
      'ack p50 ms',
      'p95',
      'p99',
      'risk mean ms',
      'open at most',
      'drained in s',
    ],
    phases.map((phase): Cell[] => [
      escaped(phase.name),
      phase.arrivals,
      phase.acknowledged,
      phase.refused,
      phase.ack.p50Ms,
      phase.ack.p95Ms,
      phase.ack.p99Ms,
      phase.risk?.meanMs ?? 'none',
      phase.openOrdersMax,
      phase.drainSeconds ?? 'never',
    ]),
  );
}

function pointsOf(
  moments: readonly Moment[],
  value: (moment: Moment) => number | undefined,
): Series['points'] {
  return moments.flatMap((moment) => {
    const y = value(moment);
    return y === undefined ? [] : [{ x: moment.second, y }];
  });
}

function charts(
  { figures, planned }: { figures: PhaseFigures; planned: PlannedPhase },
  floorMs: number,
): string {
  const { moments } = figures;
  const marks = [
    ...(planned.peak === undefined
      ? []
      : [
          { x: planned.peak.fromSeconds, label: 'peak begins' },
          { x: planned.peak.toSeconds, label: 'peak ends' },
        ]),
    { x: figures.seconds, label: 'load ends' },
  ];
  const series = (name: string, colour: string, value: (moment: Moment) => number | undefined): Series => ({
    name,
    colour,
    points: pointsOf(moments, value),
  });
  const floor = moments.map(({ second }) => ({ x: second, y: floorMs }));
  return (
    lineChart({
      title: 'Arrivals against completions',
      unit: 'orders/s',
      marks,
      series: [
        series('arrivals', COLOURS.arrivals, ({ arrivals }) => arrivals),
        series('acknowledged', COLOURS.acknowledged, ({ acknowledged }) => acknowledged),
        series('settled or cancelled', COLOURS.ended, ({ ended }) => ended),
      ],
    }) +
    lineChart({
      title: 'Time until the acknowledgement, by second of arrival',
      unit: 'ms, logarithmic',
      isLogarithmic: true,
      marks,
      series: [
        series('p50', COLOURS.p50, ({ ack }) => ack?.p50Ms),
        series('p95', COLOURS.p95, ({ ack }) => ack?.p95Ms),
        series('p99', COLOURS.p99, ({ ack }) => ack?.p99Ms),
        { name: 'floor (empty update-with-start)', colour: COLOURS.floor, points: floor, dashed: true },
      ],
    }) +
    lineChart({
      title: 'Backlog: orders that have not ended',
      unit: 'orders',
      marks,
      series: [series('open orders', COLOURS.open, ({ openOrders }) => openOrders)],
    })
  );
}

function answersTable({ answers }: PhaseFigures): string {
  const rows = Object.entries(answers).map(([name, count]): Cell[] => [escaped(name), count]);
  return rows.length === 0
    ? '<p>Every request was answered with success.</p>'
    : table(['answer that was no success', 'times'], rows);
}

function processorTable(phases: readonly PhaseFigures[]): string {
  const names = [...new Set(phases.flatMap(({ cpuMsPerOrder }) => Object.keys(cpuMsPerOrder)))];
  if (names.length === 0) return '';
  return (
    '<h2>Where the processor time goes</h2><p>Milliseconds of processor time for each acknowledged order, by process, drain included. ' +
    'A phase with few orders carries what the processes do while nothing happens.</p>' +
    table(
      ['phase', ...names, 'all'],
      phases.map(({ name, cpuMsPerOrder }): Cell[] => [
        escaped(name),
        ...names.map((each) => cpuMsPerOrder[each] ?? 0),
        rounded(
          Object.values(cpuMsPerOrder).reduce((total, ms) => total + ms, 0),
          1,
        ),
      ]),
    )
  );
}

function connections(report: LoadReport): string {
  const delayed = report.phases.filter(({ planned }) => planned.disturbance?.kind === 'delay');
  const undisturbed = report.phases.find(({ planned }) => planned.disturbance === undefined);
  if (delayed.length === 0 || undisturbed === undefined) return '';
  const { latencyMs, jitterMs } = report.delay;
  const titleOf = ({ disturbance }: PlannedPhase): string =>
    disturbance === undefined ? 'undisturbed' : linkNamed(disturbance.link).title;
  const bars = [undisturbed, ...delayed].map(({ planned, figures }) => ({
    name: titleOf(planned),
    values: [figures.ack.p50Ms, figures.ack.p99Ms, figures.risk?.meanMs ?? Number.NaN],
  }));
  return (
    `<h2>Each connection delayed in turn</h2><p>${latencyMs} ms (± ${jitterMs}) are added to each direction of one connection at a time, ` +
    `so a round trip on it costs ${2 * latencyMs} ms more. What an acknowledgement takes longer, divided by that, is how many round trips on that connection it waits for.</p>` +
    barChart(
      'Acknowledgement and risk check',
      'ms',
      [
        { name: 'acknowledgement p50', colour: COLOURS.p50 },
        { name: 'acknowledgement p99', colour: COLOURS.p99 },
        { name: 'risk check in the worker, mean', colour: COLOURS.open },
      ],
      bars,
    ) +
    table(
      ['delayed connection', 'what waits for it', 'round trips', 'of the design'],
      report.verdicts
        .filter(({ unit }) => unit === 'round trips')
        .map(({ phase, what, value, max }): Cell[] => [
          escaped(phase.replace(/^delay-/, '')),
          escaped(what.replace(/^round trips in /, '')),
          value,
          `at most ${max}`,
        ]),
    )
  );
}

/** A page of its own: no script, nothing fetched. */
export function reportHtml(report: LoadReport): string {
  const figures = report.phases.map((phase) => phase.figures);
  const details = report.phases.map(
    (phase) =>
      `<h2>Phase ${escaped(phase.figures.name)}</h2>${charts(phase, report.floor.p50Ms)}${answersTable(phase.figures)}`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>Steadfill under load: ${escaped(report.profile)}</title><style>${STYLE}</style></head><body>`,
    `<h1>Steadfill under load: ${escaped(report.profile)}</h1>`,
    summary(report),
    phasesTable(figures),
    connections(report),
    '<h2>Thresholds</h2>',
    verdicts(report),
    ...details,
    processorTable(figures),
    '</body></html>\n',
  ].join('\n');
}
