import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

// Run by k6, never by Node: an open model, in which arrivals do not wait for answers. Each call is one line of JSON
// on the console, from which tools/load/ reads everything; k6's own metrics only say how many arrivals it dropped.

const plan = JSON.parse(open(__ENV.STEADFILL_LOAD_PLAN));
const SYMBOLS = ['SPY', 'IBM', 'BAC', 'AIG'];
/** Well below the synthetic market, which stays within two per cent of its start: these orders rest. */
const RESTING_PRICES = { SPY: '155.00', IBM: '168.00', BAC: '12.80', AIG: '45.00' };
const REPEATS_MAX = 3;
const CHANGE_TRIES_MAX = 40;
const NOT_YET = ['ORDER_NOT_OPEN', 'REPLACE_PENDING'];

export const options = {
  scenarios: plan.scenarios,
  summaryTrendStats: ['med', 'p(99)', 'max'],
  noUsageReport: true,
};

export function handleSummary(data) {
  return { [plan.summaryFile]: JSON.stringify(data) };
}

/** Spreads consecutive numbers, so that kind, symbol and account do not march in step. */
function mixed(n, salt) {
  let x = Math.imul(n + 1, 2654435761) ^ Math.imul(salt, 40503);
  x = Math.imul(x ^ (x >>> 15), 2246822519);
  return (x ^ (x >>> 13)) >>> 0;
}

function call(op, n, method, path, body, more) {
  const started = Date.now();
  const response = http.request(
    method,
    `${plan.apiUrl}${path}`,
    body === undefined ? null : JSON.stringify(body),
    {
      headers: { Authorization: `Bearer ${plan.key}`, 'Content-Type': 'application/json' },
      timeout: plan.timeout,
      tags: { name: op },
    },
  );
  const said = response.status === 0 || response.body === null ? {} : response.json();
  const line = { op, n, at: started, ms: response.timings.duration, status: response.status, ...more };
  if (said.code !== undefined) line.code = said.code;
  if (response.status === 0) line.code = `NO_ANSWER_${response.error_code}`;
  if (response.headers['Retry-After'] !== undefined)
    line.retryAfter = Number(response.headers['Retry-After']);
  if (said.order !== undefined) line.orderId = said.order.orderId;
  console.log(JSON.stringify(line));
  return { status: response.status, code: line.code, orderId: line.orderId, retryAfter: line.retryAfter };
}

/** Submits as a client would: an answer that leaves the outcome open is followed by the same request again. */
function submit(kind, n, order) {
  const clientOrderId = `${plan.prefix}-${n}`;
  const body = { clientOrderId, timeInForce: 'day', ...order };
  for (let tries = 1; ; tries += 1) {
    const answer = call('submit', n, 'POST', '/v1/orders', body, {
      kind,
      clientOrderId,
      account: order.account,
      tries,
    });
    const open = answer.status === 504 || answer.status === 0;
    if (!open || tries > REPEATS_MAX) return answer;
    sleep(0.5);
  }
}

/** Changes an order; "not yet" and "later" are asked again, as Retry-After says, any other answer is final. */
function change(op, n, orderId, method, body) {
  for (let tries = 1; ; tries += 1) {
    const answer = call(op, n, method, `/v1/orders/${orderId}`, body, { orderId, tries });
    const notYet = answer.status === 409 && NOT_YET.includes(answer.code);
    const later = [429, 503, 504, 0].includes(answer.status);
    if ((!notYet && !later) || tries >= CHANGE_TRIES_MAX) return answer;
    sleep(notYet ? 0.25 : Math.min(answer.retryAfter || 1, 5));
  }
}

export function trade() {
  const n = exec.scenario.iterationInTest;
  const symbol = SYMBOLS[mixed(n, 1) % SYMBOLS.length];
  const account = plan.accounts[mixed(n, 2) % plan.accounts.length];
  const share = mixed(n, 3) % 100;
  if (share < plan.marketShare) return market(n, account, symbol);
  return resting(n, account, symbol, share < plan.marketShare + plan.amendShare);
}

function market(n, account, symbol) {
  const side = mixed(n, 4) % 2 === 0 ? 'buy' : 'sell';
  const quantity = String(1 + (mixed(n, 5) % 5));
  const { status, orderId } = submit('market', n, { account, symbol, side, type: 'market', quantity });
  if (status === 201) call('readBack', n, 'GET', `/v1/orders/${orderId}`);
}

function resting(n, account, symbol, isAmended) {
  const terms = {
    account,
    symbol,
    side: 'buy',
    type: 'limit',
    limitPrice: RESTING_PRICES[symbol],
    quantity: '10',
  };
  const kind = isAmended ? 'amended' : 'resting';
  const { status, orderId } = submit(kind, n, { ...terms, timeInForce: 'gtc' });
  if (status !== 201 && status !== 200) return;
  sleep(0.3 + (mixed(n, 6) % 700) / 1000);
  if (isAmended) change('amend', n, orderId, 'PATCH', { quantity: '7' });
  change('cancel', n, orderId, 'DELETE');
}

export function read() {
  const n = exec.scenario.iterationInTest;
  const account = plan.accounts[n % plan.accounts.length];
  const paths = [
    `/v1/orders?account=${account}&limit=20`,
    `/v1/positions?account=${account}`,
    `/v1/accounts/${account}`,
    `/v1/fills?account=${account}&limit=20`,
    `/v1/quotes/${SYMBOLS[n % SYMBOLS.length]}`,
  ];
  call('read', n, 'GET', paths[n % paths.length]);
}
