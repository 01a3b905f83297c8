import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { collectFigures } from '../../../tools/deploy/canary/collect';
import { decideCanary } from '../../../tools/deploy/canary/decide';
import { countOf, rejectsOf, type BuildFigures } from '../../../tools/deploy/canary/figures';
import { quantileBounds } from '../../../tools/deploy/canary/statistics';
import { decimal } from '../../../domain/money/decimal';
import { eventually } from '../../support/eventually';
import { openDeployWorld, type DeployWorld } from './deploy-world';
import { placeOrders } from './place-orders';

type Admit = (...args: unknown[]) => Promise<unknown>;

/** Twice the risk step of a build that shares its process with a busy machine. */
const RISK_DELAY_MS = 1_000;

// Goal: figures of a build are those of its own orders, from real sources, and lead to the decision they should.
// Method: versioned workers on a real Temporal, MongoDB and venue, one ramp after the other; each build has one vice.
describe('figures of a canary', function () {
  this.timeout(300_000);
  let world: DeployWorld;
  let since = '';

  const collect = (buildId: string) => collectFigures(world.context, buildId, since);
  /** The figures once visibility shows `orders` of the build, and what `is` asks for. */
  const collected = (buildId: string, what: string, is: (figures: BuildFigures) => boolean) =>
    eventually(
      async () => {
        const figures = await collect(buildId);
        return is(figures) ? figures : undefined;
      },
      { timeoutMs: 40_000, intervalMs: 500, what },
    );
  const ramp = async (buildId: string, percentage: number, options = {}): Promise<void> => {
    await world.startBuild(buildId, options);
    await world.setRamp(buildId, percentage);
    since = new Date().toISOString();
  };

  before(async () => {
    world = await openDeployWorld();
    since = new Date(Date.now() - 1_000).toISOString();
    await world.startBuild('current');
    await world.setCurrent('current');
  });
  after(() => world?.close());

  it('count orders, refusals by reason, and latencies of every order', async () => {
    await placeOrders(world, 8);
    await placeOrders(world, 3, { quantity: decimal('100001') });
    const figures = await collected(
      'current',
      'eleven orders',
      ({ orders, open, examined }) => orders === 11 && open === 8 && examined === 11,
    );
    assert.equal(rejectsOf(figures), 3);
    assert.deepEqual(
      Object.keys(figures.rejects).map((reason) => reason.split(':')[0]),
      ['risk'],
    );
    assert.deepEqual([figures.failed, figures.unanswered, figures.taskFailures, figures.gaps], [0, 0, 0, []]);
    assert.equal(countOf(figures.acknowledgement), 11);
    assert.equal(countOf(figures.risk), 11);
    await world.context.db.collection('orders').deleteMany({ state: 'rejected' });
    assert.deepEqual(
      (await collect('current')).rejects,
      figures.rejects,
      'Temporal knows the reasons as well',
    );
  });

  it('take back a build that refuses everything, and tell builds apart', async () => {
    const admitOrder = () => ({ outcome: 'denied', reasons: [{ code: 'UNKNOWN_SYMBOL', message: 'no' }] });
    await ramp('refusing', 50, { activities: { admitOrder } });
    const placed = await placeOrders(world, 40);
    const denied = placed.filter(({ outcome }) => outcome === 'denied').length;
    assert.ok(denied >= 5 && denied <= 35, `${denied} of 40 orders at 50 percent`);
    const candidate = await collected('refusing', 'the refused orders', ({ orders }) => orders === denied);
    assert.deepEqual(candidate.rejects, { 'validation:UNKNOWN_SYMBOL': denied });
    const current = await collected('current', 'the others', ({ orders }) => orders === 40 - denied);
    assert.equal(rejectsOf(current), 0);
    const { decision, reasons } = decideCanary(current, candidate);
    assert.equal(decision, 'rollback');
    assert.match(reasons.join('\n'), new RegExp(`refused orders: ${denied} of ${denied} `));
  });

  it('see that risk is slow on one build', async () => {
    const admitOrder = async (...args: unknown[]): Promise<unknown> => {
      await pause(RISK_DELAY_MS);
      return await (world.real['admitOrder'] as Admit)(...args);
    };
    await ramp('slow', 50, { activities: { admitOrder } });
    await placeOrders(world, 60);
    const candidate = await collected('slow', 'orders of the slow build', ({ examined }) => examined >= 15);
    const current = await collected('current', 'orders of the current one', ({ examined }) => examined >= 15);
    const [slow, normal] = [candidate, current].map(({ risk }) => quantileBounds(risk, 0.5, 0.01).estimate);
    assert.ok(slow !== undefined && normal !== undefined && slow >= RISK_DELAY_MS / 1_000);
    assert.ok(slow > 2 * normal, `${slow} s against ${normal} s`);
    const { decision, reasons } = decideCanary(current, candidate);
    assert.equal(decision, 'rollback', reasons.join('\n'));
    assert.match(reasons.join('\n'), /risk p50: surely at least/);
  });

  it('see orders that a build cannot even begin', async () => {
    await ramp('stuck', 100, { code: 'stuck' });
    const placed = await placeOrders(world, 6);
    assert.ok(placed.every(({ outcome }) => outcome === 'unanswered'));
    const candidate = await collected('stuck', 'the stuck orders', ({ unanswered }) => unanswered === 6);
    assert.equal(candidate.orders, 6);
    const current = { ...candidate, buildId: 'current', orders: 100, unanswered: 0 };
    assert.equal(decideCanary(current, candidate).decision, 'rollback');
    for (const { workflowId } of placed)
      await world.context.client.workflow.getHandle(workflowId).terminate('test');
  });
});
