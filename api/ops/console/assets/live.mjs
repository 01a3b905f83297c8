import { element, stateBadge } from './dom.mjs';
import { count, duration, megabytes, percent, time } from './figures.mjs';
import { latencies, openOrders, orders, outcomes } from './live-orders.mjs';
import { startConsole } from './shell.mjs';
import { code, known, notKnown, note, panel, table } from './widgets.mjs';

function verdict({ verdict: { level, problems } }) {
  const heads = {
    good: 'Everything works',
    warn: `${problems.length} to watch`,
    bad: `Trouble: ${problems.filter((problem) => problem.level === 'bad').length} to act on`,
  };
  const items = problems.map((problem) =>
    element(
      'li',
      {},
      stateBadge(problem.level, problem.level === 'bad' ? 'Act' : 'Watch'),
      ` ${problem.text}`,
    ),
  );
  return element(
    'section',
    { id: 'verdict', class: `verdict ${level}`, 'aria-label': 'Verdict' },
    element('p', {}, stateBadge(level, heads[level])),
    items.length === 0 ? [] : element('ul', {}, items),
  );
}

function venues({ venues: rows }) {
  const badge = { up: ['good', 'up'], down: ['bad', 'down'], unknown: ['warn', 'not known'] };
  const cells = rows.map(({ venue, session, wireP50Ms, wireP99Ms, messages, unanswered, reportsWaiting }) => [
    venue,
    stateBadge(...badge[session]),
    duration(wireP50Ms),
    duration(wireP99Ms),
    count(messages),
    count(unanswered),
    count(reportsWaiting),
  ]);
  return panel(
    'venues',
    'Venues',
    'wide',
    table(
      'Venues',
      [
        'Venue',
        'Session',
        '#Answer, median',
        '#Answer, 99 %',
        '#Messages',
        '#Unanswered',
        '#Reports waiting',
      ],
      cells,
      'No venue.',
    ),
  );
}

function queues({ queues: asked, slots }) {
  const slotsOf = slots
    .filter(({ used, available }) => used + available > 0)
    .map(({ process, kind, used, available }) => [
      process,
      kind,
      `${count(used)} of ${count(used + available)}`,
    ]);
  return panel(
    'queues',
    'Task queues and workers',
    '',
    known(asked, (rows) =>
      table(
        'Task queues',
        ['Queue', '#Waiting', '#Oldest', 'Workers'],
        rows.map(({ queue, backlog, backlogAgeSeconds, pollers }) => [
          code(queue),
          count(backlog),
          duration(backlogAgeSeconds * 1_000),
          stateBadge(pollers > 0 ? 'good' : 'bad', count(pollers)),
        ]),
        'No task queue.',
      ),
    ),
    table('Slots in use', ['Worker', 'Slots for', '#In use'], slotsOf, 'No worker tells about its slots.'),
  );
}

function builds({ builds: rows, buildsCause }) {
  const cells = rows.map(({ buildId, role, status, routedPercent, sharePercent, acknowledgementP99Ms }) => [
    code(buildId),
    role === 'other' ? (status ?? 'not routed by version') : role,
    routedPercent === null ? '–' : percent(routedPercent),
    element(
      'span',
      {},
      element('meter', { min: 0, max: 100, value: sharePercent.toFixed(1) }),
      ` ${percent(sharePercent)}`,
    ),
    duration(acknowledgementP99Ms),
  ]);
  return panel(
    'builds',
    'Builds and their share of answers',
    'wide',
    buildsCause === null ? [] : notKnown(buildsCause),
    table(
      'Builds',
      ['Build', 'Role', '#Routed', '#Share', '#Answer 99 %'],
      cells,
      'No build has answered an order yet.',
    ),
  );
}

function breaks({ breaks: asked }) {
  return panel(
    'breaks',
    'Breaks',
    '',
    known(asked, (found) => {
      if (found === null) return note('The first check is under way.');
      const { unbalancedAssets, reservations, unmatchedReports, checkedAt } = found;
      const row = (what, value) => [what, stateBadge(value === 0 ? 'good' : 'bad', count(value))];
      return [
        table(
          'Breaks',
          ['Check', '#Found'],
          [
            row('Assets whose ledger is not zero', unbalancedAssets.length),
            row('Ended orders that reserve', reservations),
            row('Reports without an order', unmatchedReports),
          ],
          '',
        ),
        note(`Checked at ${time(checkedAt)}`),
      ];
    }),
  );
}

function processes({ processes: rows }) {
  const cells = rows.map(({ process, answers, cause, cpuCores, memoryBytes, eventLoopLagMs }) => [
    process,
    answers ? stateBadge('good', 'answers') : stateBadge('bad', cause ?? 'silent'),
    cpuCores === null ? '–' : cpuCores.toFixed(2),
    megabytes(memoryBytes),
    duration(eventLoopLagMs),
  ]);
  return panel(
    'processes',
    'Processes',
    'wide',
    table('Processes', ['Process', 'State', '#CPU cores', '#Memory', '#Loop lag 99 %'], cells, 'No process.'),
  );
}

const PARTS = [verdict, orders, outcomes, latencies, openOrders, venues, breaks, builds, queues, processes];

startConsole({
  path: '/ops/summary',
  intervalMs: 2_000,
  render: (summary, content) => {
    // Each part is replaced alone and only when it changed, so that what a reader selected elsewhere stays.
    PARTS.forEach((part, index) => {
      const next = part(summary);
      const shown = content.children[index];
      if (shown === undefined) content.append(next);
      else if (!shown.isEqualNode(next)) shown.replaceWith(next);
    });
    document.title = `${summary.verdict.level === 'good' ? '●' : '■'} Operations · Steadfill`;
  },
});
