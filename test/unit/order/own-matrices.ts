import { parseMatrix, type OrderMatrix } from '../../../domain/order/order-matrix';

// A short notation keeps a matrix on few lines: "who act name/key=value … → status orderQty cumQty leavesQty".
const KEYS: Record<string, string> = {
  q: 'quantity',
  p: 'limitPrice',
  lq: 'lastQty',
  lp: 'lastPx',
  ref: 'execRefId',
  oq: 'orderQty',
  r: 'reason',
};

function step(line: string): unknown {
  const [acts = '', expected = ''] = line.split('->').map((part) => part.trim());
  const [act = '', name = '', ...pairs] = acts.split(/\s+/);
  const isClient = ['new', 'cancel', 'replace'].includes(act);
  const isRefusal = act.endsWith('Rejected');
  const fields = Object.fromEntries(
    pairs.map((pair) => pair.split('=')).map(([key = '', value]) => [KEYS[key] ?? key, value]),
  );
  const id = isClient || isRefusal ? { clOrdId: name } : { execId: name };
  const [ordStatus, orderQty, cumQty, leavesQty, ...more] = expected.split(/\s+/);
  const expect = {
    ordStatus,
    orderQty,
    cumQty,
    leavesQty,
    ...Object.fromEntries(more.map((pair) => pair.split('='))),
  };
  return { [isClient ? 'client' : 'venue']: act, ...id, ...fields, ...(expected !== '' && { expect }) };
}

function matrix(id: string, title: string, timeInForce: string, lines: string): OrderMatrix {
  const order = { side: 'buy', type: 'limit', quantity: '10000', limitPrice: '100', timeInForce };
  const steps = lines
    .trim()
    .split('\n')
    .map((line) => step(line.trim()));
  return parseMatrix({ id, title, order, steps });
}

/** Matrices of our own, one a rule of FIX's order-state changes that the shared examples do not show. */
export const OWN_MATRICES: readonly OrderMatrix[] = [
  matrix(
    'cancel-before-ack',
    'A cancel crosses the acknowledgement',
    'day',
    `
    new X -> pendingNew 10000 0 10000
    cancel Y -> pendingCancel 10000 0 10000
    accepted a1 -> pendingCancel 10000 0 10000
    pendingCancel b1 -> pendingCancel 10000 0 10000 clOrdId=X
    cancelled c1 -> canceled 10000 0 0`,
  ),
  matrix(
    'cancel-refused',
    'A refused cancel restores the state before it',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100 -> partiallyFilled 10000 1000 9000
    cancel Y -> pendingCancel 10000 1000 9000
    pendingCancel b1 -> pendingCancel 10000 1000 9000
    cancelRejected Y r=2 -> partiallyFilled 10000 1000 9000 clOrdId=X
    cancel Z -> pendingCancel 10000 1000 9000
    cancelled c1 -> canceled 10000 1000 0`,
  ),
  matrix(
    'second-cancel',
    'A second cancel is not sent while one is pending',
    'day',
    `
    new X
    accepted a1
    cancel Y -> pendingCancel 10000 0 10000
    cancel Z -> pendingCancel 10000 0 10000
    cancelRejected Z r=3 -> pendingCancel 10000 0 10000 clOrdId=X
    cancelled c1 -> canceled 10000 0 0`,
  ),
  matrix(
    'replace-up',
    'A replace up, then filled',
    'day',
    `
    new X
    accepted a1 -> new 10000 0 10000
    replace Y q=11000 -> pendingReplace 10000 0 10000 clOrdId=X
    pendingReplace b1 -> pendingReplace 10000 0 10000 clOrdId=X
    replaced r1 -> new 11000 0 11000 clOrdId=Y
    fill f1 lq=1000 lp=100 -> partiallyFilled 11000 1000 10000
    fill f2 lq=10000 lp=100 -> filled 11000 11000 0`,
  ),
  matrix(
    'replace-filled-up',
    'A filled order is increased by agreement',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=10000 lp=100 -> filled 10000 10000 0
    replace Y q=12000 -> pendingReplace 10000 10000 0
    replaced r1 -> partiallyFilled 12000 10000 2000 clOrdId=Y
    fill f2 lq=2000 lp=100 -> filled 12000 12000 0`,
  ),
  matrix(
    'replace-too-late',
    'A replace is refused because the order filled',
    'day',
    `
    new X
    accepted a1
    replace Y p=101 -> pendingReplace 10000 0 10000
    fill f1 lq=10000 lp=100 -> pendingReplace 10000 10000 0
    replaceRejected Y r=0 -> filled 10000 10000 0 clOrdId=X`,
  ),
  matrix(
    'replace-below-filled',
    'A replace below what filled meanwhile ends filled',
    'day',
    `
    new X
    accepted a1
    replace Y q=5000 -> pendingReplace 10000 0 10000
    fill f1 lq=7000 lp=100 -> pendingReplace 10000 7000 3000
    replaced r1 -> filled 7000 7000 0 clOrdId=Y`,
  ),
  matrix(
    'replaces-in-turn',
    'Two replaces, processed in turn',
    'day',
    `
    new X
    accepted a1
    replace Y q=8000 -> pendingReplace 10000 0 10000
    replace Z q=6000 -> pendingReplace 10000 0 10000
    pendingReplace b1 -> pendingReplace 10000 0 10000
    replaced r1 -> pendingReplace 8000 0 8000 clOrdId=Y
    pendingReplace b2 -> pendingReplace 8000 0 8000
    replaced r2 -> new 6000 0 6000 clOrdId=Z`,
  ),
  matrix(
    'replaces-pended',
    'Two replaces, both pended and then both accepted',
    'day',
    `
    new X
    accepted a1
    replace Y q=8000
    replace Z q=6000
    pendingReplace b1
    pendingReplace b2 -> pendingReplace 10000 0 10000 clOrdId=X
    fill f1 lq=1000 lp=100 -> pendingReplace 10000 1000 9000
    replaced r1 -> pendingReplace 8000 1000 7000 clOrdId=Y
    replaced r2 -> partiallyFilled 6000 1000 5000 clOrdId=Z`,
  ),
  matrix(
    'second-replace-refused',
    'The venue refuses a second replace',
    'day',
    `
    new X
    accepted a1
    replace Y q=8000
    replace Z q=6000
    replaceRejected Z r=3 -> pendingReplace 10000 0 10000 clOrdId=X
    replaced r1 -> new 8000 0 8000 clOrdId=Y`,
  ),
  matrix(
    'first-replace-refused',
    'The first of two replaces is refused',
    'day',
    `
    new X
    accepted a1
    replace Y q=8000
    replaceRejected Y r=2 -> new 10000 0 10000 clOrdId=X
    replace Z q=6000 -> pendingReplace 10000 0 10000
    replaced r1 -> new 6000 0 6000 clOrdId=Z`,
  ),
  matrix(
    'cancel-over-replace',
    'A cancel while a replace is pending ends both',
    'day',
    `
    new X
    accepted a1
    replace Y q=8000 -> pendingReplace 10000 0 10000
    cancel Z -> pendingCancel 10000 0 10000
    cancelled c1 -> canceled 10000 0 0
    replaceRejected Y r=0 -> canceled 10000 0 0`,
  ),
  matrix(
    'unsolicited-cancel',
    'The venue cancels by itself',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100
    cancelled c1 r=6 -> canceled 10000 1000 0 clOrdId=X`,
  ),
  matrix(
    'unsolicited-terms',
    'The venue restates the quantity up and down',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100
    restated s1 oq=11000 r=2 -> partiallyFilled 11000 1000 10000 clOrdId=X
    restated s2 oq=9000 r=5 -> partiallyFilled 9000 1000 8000
    restated s3 oq=1000 r=5 -> filled 1000 1000 0`,
  ),
  matrix(
    'late-reject',
    'The venue rejects after it acknowledged',
    'day',
    `
    new X
    accepted a1 -> new 10000 0 10000
    rejected j1 r=99 -> rejected 10000 0 0`,
  ),
  matrix(
    'duplicate-order',
    'A repeated order is refused and the first one lives',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100
    new X
    rejected j1 r=6 -> partiallyFilled 10000 1000 9000`,
  ),
  matrix(
    'expired',
    'A day order expires with a part filled',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100
    expired e1 -> expired 10000 1000 0
    fill f2 lq=500 lp=100 -> expired 10000 1500 0`,
  ),
  matrix(
    'immediate-or-cancel',
    'What an immediate-or-cancel order does not get is cancelled',
    'ioc',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100 -> partiallyFilled 10000 1000 9000
    cancelled c1 -> canceled 10000 1000 0`,
  ),
  matrix(
    'split',
    'A stock split between two days of a good-till-cancelled order',
    'gtc',
    `
    new X
    accepted a1
    fill f1 lq=2000 lp=100 -> partiallyFilled 10000 2000 8000
    doneForDay d1 -> doneForDay 10000 2000 8000
    restated s1 oq=20000 r=0 -> partiallyFilled 20000 4000 16000 avgPx=50 dayOrderQty=16000 dayCumQty=0
    fill f2 lq=5000 lp=50 -> partiallyFilled 20000 9000 11000 avgPx=50 dayOrderQty=16000 dayCumQty=5000
    fill f3 lq=11000 lp=50 -> filled 20000 20000 0 dayOrderQty=16000 dayCumQty=16000`,
  ),
  matrix(
    'next-day-replace',
    'A replace on the second day',
    'gtc',
    `
    new X
    accepted a1
    fill f1 lq=2000 lp=100
    doneForDay d1
    restated s1 r=1 -> partiallyFilled 10000 2000 8000 dayOrderQty=8000 dayCumQty=0
    fill f2 lq=1000 lp=100 -> partiallyFilled 10000 3000 7000 dayOrderQty=8000 dayCumQty=1000
    replace Y q=15000
    replaced r1 -> partiallyFilled 15000 3000 12000 dayOrderQty=13000 dayCumQty=1000`,
  ),
  matrix(
    'next-day-cancel',
    'A cancel on the second day',
    'gtc',
    `
    new X
    accepted a1
    fill f1 lq=2000 lp=100
    doneForDay d1
    restated s1 r=1
    fill f2 lq=5000 lp=100
    cancel Y -> pendingCancel 10000 7000 3000
    cancelled c1 -> canceled 10000 7000 0`,
  ),
  matrix(
    'bust-days',
    'Busts of today and of an earlier day',
    'gtc',
    `
    new X
    accepted a1
    fill f1 lq=2000 lp=100
    doneForDay d1
    restated s1 r=1
    fill f2 lq=1000 lp=100 -> partiallyFilled 10000 3000 7000 dayOrderQty=8000 dayCumQty=1000
    bust h1 ref=f1 -> partiallyFilled 10000 1000 9000 dayOrderQty=10000 dayCumQty=1000
    bust h2 ref=f2 lq=1000 -> new 10000 0 10000 avgPx=0 dayOrderQty=10000 dayCumQty=0`,
  ),
  matrix(
    'correct-earlier-day',
    'A correction of an earlier day',
    'gtc',
    `
    new X
    accepted a1
    fill f1 lq=2000 lp=100
    restated s1 r=1
    fill f2 lq=1000 lp=100
    correct h1 ref=f1 lq=3000 lp=90 -> partiallyFilled 10000 4000 6000 avgPx=92.5 dayOrderQty=7000 dayCumQty=1000`,
  ),
  matrix(
    'bust-after-cancel',
    'Bust, correction and late fill of a cancelled order',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=2000 lp=100
    fill f2 lq=3000 lp=100
    cancel Y
    cancelled c1 -> canceled 10000 5000 0
    bust h1 ref=f1 lq=0 -> canceled 10000 3000 0
    fill f3 lq=1000 lp=101 -> canceled 10000 4000 0 avgPx=100.25
    bust h2 ref=f2
    bust h3 ref=f3 -> canceled 10000 0 0 avgPx=0`,
  ),
  matrix(
    'suspended',
    'Suspended, reinstated and filled',
    'day',
    `
    new X
    accepted a1
    suspended u1 -> suspended 10000 0 10000
    accepted a2 -> new 10000 0 10000
    fill f1 lq=10000 lp=100 -> filled 10000 10000 0`,
  ),
  matrix(
    'suspended-cancelled',
    'Suspended and then cancelled by the venue',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100
    suspended u1 -> suspended 10000 1000 9000
    cancelled c1 r=6 -> canceled 10000 1000 0`,
  ),
  matrix(
    'stopped',
    'A guarantee of execution, fulfilled',
    'day',
    `
    new X
    accepted a1
    stopped g1 lq=1000 lp=100 -> stopped 10000 0 10000
    fill f1 lq=1000 lp=100 -> partiallyFilled 10000 1000 9000
    fill f2 lq=9000 lp=100 -> filled 10000 10000 0`,
  ),
  matrix(
    'calculated',
    'A calculated order has no quantity left',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=10000 lp=100
    calculated k1 -> calculated 10000 10000 0`,
  ),
  matrix(
    'calculated-next-day',
    'A good-till-cancelled order has no quantity left once calculated, until its next day',
    'gtc',
    `
    new X
    accepted a1
    fill f1 lq=1000 lp=100
    calculated k1 -> calculated 10000 1000 0
    restated s1 r=1 -> partiallyFilled 10000 1000 9000 dayOrderQty=9000 dayCumQty=0`,
  ),
  matrix(
    'overfill',
    'The venue fills more than was asked',
    'day',
    `
    new X
    accepted a1
    fill f1 lq=9000 lp=100 -> partiallyFilled 10000 9000 1000
    fill f2 lq=2000 lp=100 -> filled 10000 11000 0`,
  ),
];
