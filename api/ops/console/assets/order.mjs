import { drawing, element, fill, stateBadge } from './dom.mjs';
import { startConsole } from './shell.mjs';

const STATES = { rejected: 'bad', unknown: 'bad', cancelled: 'idle', expired: 'idle', settled: 'good' };
/** Percent of the row; a hop shorter than this would not be seen. */
const BAR_MIN = 0.4;

const milliseconds = (value) =>
  value >= 10_000 ? `${(value / 1_000).toFixed(1)} s` : `${value.toFixed(value < 10 ? 2 : 0)} ms`;

/** Only of orders that wait here, or were triggered here. */
function waitOf({ held, triggeredAt, triggerPrice, triggerMissed }) {
  const found = triggerMissed ? ', found after nobody had watched the market' : '';
  return [
    ...(held
      ? [['Waits', `for ${held.until === 'trigger' ? 'its price' : 'its release'} since ${held.since}`]]
      : []),
    ...(triggeredAt ? [['Triggered', `by ${triggerPrice} at ${triggeredAt}${found}`]] : []),
  ];
}

function facts({ order, traceId, traceIds, recorded, entries }) {
  const spans = entries.filter(({ kind }) => kind === 'span').length;
  const rows = [
    ['Order', element('span', { class: 'code' }, order.orderId)],
    ['Client order id', `${order.account} / ${order.clientOrderId}`],
    ['What', `${order.side} ${order.quantity} ${order.symbol} ${order.type} ${order.timeInForce}`],
    ['State', stateBadge(STATES[order.state] ?? 'warn', `${order.state} (FIX ${order.ordStatus})`)],
    ...waitOf(order),
    ['Filled', `${order.cumQty} of ${order.quantity}, settled ${order.settledQty}`],
    ['Trace', element('span', { class: 'code' }, traceId ?? 'none')],
    ['Kept', recorded ? `${spans} spans in ${traceIds.length} traces` : 'no spans, only the event log'],
  ];
  return element(
    'section',
    { class: 'panel full', 'aria-labelledby': 'facts' },
    element('h2', { id: 'facts' }, 'Order'),
    element(
      'table',
      {},
      element(
        'tbody',
        {},
        rows.map(([name, value]) =>
          element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, value)),
        ),
      ),
    ),
  );
}

/** By the logarithm of time: an order is entered in milliseconds and settles days later, and both must be seen. */
function bar({ offsetMs, durationMs, kind, failed }, wholeMs) {
  const percent = (value) => (wholeMs === 0 ? 0 : (Math.log1p(value) / Math.log1p(wholeMs)) * 100);
  const left = Math.min(percent(offsetMs), 100 - BAR_MIN);
  const width = Math.max(BAR_MIN, Math.min(percent(offsetMs + (durationMs ?? 0)), 100) - left);
  const look = failed ? 'hop-bad' : kind === 'event' ? 'hop-event' : 'hop-span';
  return drawing(
    'svg',
    { class: 'hop', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    drawing('rect', { x: left, y: 1, width, height: 8, class: look }),
  );
}

function row(entry, wholeMs) {
  const { label, component, offsetMs, durationMs, depth, failed, kind, name, attributes } = entry;
  const detail = Object.entries(attributes)
    .filter(([key]) => !['workflowId', 'orderId', 'runId', 'requestId', 'clientOrderId'].includes(key))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
  return element(
    'tr',
    { class: `hop-row hop-${kind}-row` },
    element('td', { class: 'number hop-time' }, `+${milliseconds(offsetMs)}`),
    element('td', { class: 'number hop-time' }, durationMs === null ? '' : milliseconds(durationMs)),
    element('td', { class: 'hop-process' }, component),
    element(
      'th',
      { scope: 'row', title: name },
      element('span', { 'aria-hidden': 'true' }, '· '.repeat(Math.min(depth, 12))),
      label,
      failed ? ' ' : '',
      failed ? stateBadge('bad', 'failed') : '',
    ),
    element('td', { class: 'hop-cell' }, bar(entry, wholeMs)),
    element('td', { class: 'code hop-detail' }, detail),
  );
}

function hops({ entries, durationMs }) {
  const heads = ['Begins', 'Takes', 'Process', 'Hop', 'When (logarithm of time)', 'Detail'];
  return element(
    'section',
    { class: 'panel full', 'aria-labelledby': 'hops' },
    element('h2', { id: 'hops' }, 'Timeline'),
    element(
      'table',
      { id: 'timeline' },
      element('caption', {}, `${entries.length} entries over ${milliseconds(durationMs)}`),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          heads.map((head) => element('th', { scope: 'col' }, head)),
        ),
      ),
      element(
        'tbody',
        {},
        entries.map((entry) => row(entry, durationMs)),
      ),
    ),
  );
}

startConsole({
  path: location.pathname + location.search,
  intervalMs: 2_000,
  render: (timeline, content) => fill(content, facts(timeline), hops(timeline)),
});
