import { drawChart } from './chart.mjs';
import { element, stateBadge } from './dom.mjs';
import { count, duration, rate } from './figures.mjs';
import { code, known, note, panel, table } from './widgets.mjs';

export function orders({ ordersPerSecond, windowSeconds, history }) {
  const shown = history.at(-1)?.ordersPerSecond;
  return panel(
    'orders',
    'Orders answered',
    'wide',
    element(
      'p',
      { class: 'figure', id: 'order-rate' },
      rate(shown ?? ordersPerSecond),
      element('small', {}, ' orders/s'),
    ),
    drawChart(
      history.map(({ at, ordersPerSecond: value }) => ({ at, value })),
      { what: 'Orders a second', format: rate },
    ),
    note(
      windowSeconds === null
        ? 'Measuring …'
        : `${rate(ordersPerSecond)} orders/s over the last ${Math.round(windowSeconds)} s`,
    ),
  );
}

const OUTCOME_KIND = { accepted: 'good', repeated: 'idle', denied: 'idle', conflict: 'idle' };

export function outcomes({ outcomes: counted, denials }) {
  const rows = Object.entries(counted)
    .filter(([, value]) => value > 0)
    .map(([outcome, value]) => [stateBadge(OUTCOME_KIND[outcome] ?? 'bad', outcome), count(value)]);
  const reasons = denials.map(({ reason, by, count: value }) => [code(reason), by, count(value)]);
  return panel(
    'outcomes',
    'Answers of the last minute',
    '',
    table('Answers by outcome', ['Outcome', '#Orders'], rows, 'No order was answered.'),
    reasons.length === 0 ? [] : element('h3', {}, 'Denied for'),
    reasons.length === 0 ? [] : table('Denials by reason', ['Reason', 'By', '#Orders'], reasons, ''),
  );
}

export function latencies({ latencies: rows }) {
  const cells = rows.map(({ what, count: samples, p50Ms, p95Ms, p99Ms }) => [
    what,
    duration(p50Ms),
    duration(p95Ms),
    duration(p99Ms),
    count(samples),
  ]);
  return panel(
    'latencies',
    'Latency of the last minute',
    'wide',
    table('Latencies', ['Step', '#Median', '#95 %', '#99 %', '#Samples'], cells, 'Measuring …'),
  );
}

export function openOrders({ openOrders: open, stuckOrders, reservedCash }) {
  return panel(
    'open-orders',
    'Orders that have not ended',
    '',
    known(open, (states) =>
      table(
        'Open orders by state',
        ['State', '#Orders'],
        Object.entries(states).map(([state, value]) => [state, count(value)]),
        '',
      ),
    ),
    known(
      stuckOrders,
      (stuck) => {
        const total = Object.values(stuck).reduce((sum, value) => sum + value, 0);
        return note(total === 0 ? 'None is stuck.' : `${count(total)} stuck for over a minute.`);
      },
      'Stuck orders ',
    ),
    known(reservedCash, (amounts) =>
      note(
        `Reserved: ${amounts.map(({ currency, amount }) => `${amount} ${currency}`).join(', ') || 'nothing'}`,
      ),
    ),
  );
}
