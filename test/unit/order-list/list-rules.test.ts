import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compare, decimal, isPositive, subtract, sum, type Quantity } from '../../../domain/money/decimal';
import { isAnswered, isListDone } from '../../../domain/order-list/leg-facts';
import { toListView } from '../../../domain/order-list/list-view';
import { listRequest, ListWorld, orderRequest } from './list-world';

const qty = (count: number): Quantity => decimal(String(count));
const codes = (world: ListWorld): string[] => world.list.alerts.map(({ code }) => code);
const stateOf = (world: ListWorld, leg: number): string => world.orders.get(leg)?.state ?? 'none';
const quantityOf = (world: ListWorld, leg: number): string => world.orders.get(leg)?.quantity ?? '0';

// Goal: each contingency does what docs/contingent-orders.md says, partial fills and races included. Method: the pure
// rules among played orders whose words come when the test says so.
describe('lists of orders', () => {
  it('begins the orders of a plain list ten at a time, and wants nothing more of them', () => {
    const world = new ListWorld(listRequest('none', 25));
    assert.equal(world.orders.size, 10);
    world.hear(0);
    assert.equal(world.orders.size, 11);
    world.settle();
    assert.equal(world.orders.size, 25);
    assert.ok(isAnswered(world.list) && !isListDone(world.list));
    world.fill(3, qty(10));
    world.end(4, 'rejected', 'venue');
    world.settle();
    assert.equal(stateOf(world, 5), 'validated');
    assert.ok([...world.orders.values()].every(({ actsAnswered }) => actsAnswered === 0));
  });

  it('goes on with a plain list of which one order was denied', () => {
    const world = new ListWorld(listRequest('none', 3), [1]);
    world.settle();
    assert.equal(stateOf(world, 0), 'validated');
    assert.equal(toListView(world.list, 'w').listOrderStatus, 'executing');
  });

  it('releases no order of a contingent list of which one was refused, and takes the others out', () => {
    for (const contingency of ['oco', 'ouo', 'oto', 'bracket'] as const) {
      for (const denied of [0, 1, 2]) {
        const world = new ListWorld(listRequest(contingency, 3), [denied]);
        world.settle();
        const others = [0, 1, 2].filter((leg) => leg !== denied).map((leg) => stateOf(world, leg));
        assert.ok(
          others.every((state) => state === 'cancelled' || state === 'none'),
          `${contingency} ${denied}`,
        );
        assert.ok(isAnswered(world.list) && isListDone(world.list));
        assert.equal(toListView(world.list, 'w').listOrderStatus, 'reject');
        const hasParent = contingency === 'oto' || contingency === 'bracket';
        if (hasParent && denied > 0) assert.equal(stateOf(world, 0), 'none', 'the parent never came in');
      }
    }
  });

  it('oco: the first fill, also a partial one, cancels the others, and the order that filled goes on', () => {
    const world = new ListWorld(listRequest('oco', 3));
    world.settle();
    world.fill(1, qty(40));
    world.settle();
    assert.deepEqual(
      [0, 1, 2].map((leg) => stateOf(world, leg)),
      ['cancelled', 'partiallyFilled', 'cancelled'],
    );
    world.fill(1, qty(60));
    world.settle();
    assert.ok(isListDone(world.list));
    assert.deepEqual(codes(world), []);
  });

  it('oco: raises that a second order filled before its cancel came there', () => {
    const world = new ListWorld(listRequest('oco', 2));
    world.settle();
    world.fill(0, qty(100));
    world.fill(1, qty(10));
    world.settle();
    assert.deepEqual(codes(world), ['BOTH_FILLED']);
    assert.equal(stateOf(world, 1), 'cancelled');
    assert.equal(toListView(world.list, 'w').listOrderStatus, 'alert');
  });

  it('ouo: a fill takes its quantity from the others', () => {
    const world = new ListWorld(listRequest('ouo', 2));
    world.settle();
    world.fill(0, qty(30));
    world.settle();
    assert.equal(quantityOf(world, 1), '70');
    world.fill(1, qty(50));
    world.settle();
    assert.equal(quantityOf(world, 0), '50');
    world.fill(0, qty(20));
    world.settle();
    assert.ok(isListDone(world.list));
    assert.deepEqual(codes(world), []);
  });

  it('oto: children wait until the parent has ended, and go when it has fills', () => {
    const world = new ListWorld(listRequest('oto', 3));
    world.settle();
    world.fill(0, qty(99));
    world.settle();
    assert.ok([1, 2].every((leg) => world.orders.get(leg)?.held === true));
    world.fill(0, qty(1));
    world.settle();
    assert.ok([1, 2].every((leg) => world.orders.get(leg)?.held === false));
  });

  it('oto: children of a parent that ended without fills are cancelled', () => {
    const world = new ListWorld(listRequest('oto', 3));
    world.settle();
    world.end(0, 'expired');
    world.settle();
    assert.deepEqual(
      [1, 2].map((leg) => stateOf(world, leg)),
      ['cancelled', 'cancelled'],
    );
  });

  it('oto: closing children share what the parent filled, in the order of the list', () => {
    const exit = (leg: number, quantity: number) =>
      orderRequest(leg, { side: 'sell', quantity: qty(quantity) });
    const orders = [orderRequest(0), exit(1, 30), exit(2, 30), exit(3, 40)];
    const world = new ListWorld({ ...listRequest('oto', 0), orders });
    world.settle();
    world.fill(0, qty(45));
    world.end(0, 'cancelled');
    world.settle();
    assert.deepEqual(
      [1, 2].map((leg) => quantityOf(world, leg)),
      ['30', '15'],
    );
    assert.equal(stateOf(world, 3), 'cancelled');
  });

  it('bracket: exits follow the fills of the entry, and the first exit fill ends the rest of the entry', () => {
    const world = new ListWorld(listRequest('bracket', 3));
    world.settle();
    world.fill(0, qty(40));
    world.hear(0);
    assert.deepEqual(world.orders.get(1)?.acts, [], 'what risk has not booked cannot be sold');
    world.settle();
    assert.deepEqual(
      [1, 2].map((leg) => quantityOf(world, leg)),
      ['40', '40'],
    );
    world.fill(0, qty(20));
    world.settle();
    assert.deepEqual(
      [1, 2].map((leg) => quantityOf(world, leg)),
      ['60', '60'],
    );
    world.fill(1, qty(25));
    world.settle();
    assert.equal(stateOf(world, 0), 'cancelled');
    assert.equal(quantityOf(world, 2), '35');
    world.fill(2, qty(35));
    world.settle();
    assert.ok(isListDone(world.list));
    assert.deepEqual(codes(world), []);
  });

  it('bracket: an entry that ends without fills takes its exits with it', () => {
    for (const how of ['cancelled', 'expired', 'rejected'] as const) {
      const world = new ListWorld(listRequest('bracket', 3));
      world.settle();
      world.end(0, how, how === 'rejected' ? 'venue' : null);
      world.settle();
      assert.deepEqual(
        [1, 2].map((leg) => stateOf(world, leg)),
        ['cancelled', 'cancelled'],
      );
    }
  });

  it('bracket: an exit that will not take less is cancelled, and raised', () => {
    const world = new ListWorld(listRequest('bracket', 3));
    world.settle();
    world.fill(0, qty(100));
    world.settle();
    world.fill(1, qty(10));
    world.hear(1);
    world.takeAct(2);
    world.answer(2, false);
    world.settle();
    assert.equal(stateOf(world, 2), 'cancelled');
    assert.deepEqual(codes(world), ['LEG_NOT_RESIZED']);
  });

  it('bracket: says when a position has no exit any more', () => {
    const world = new ListWorld(listRequest('bracket', 3));
    world.settle();
    world.fill(0, qty(100));
    world.settle();
    world.end(1, 'cancelled');
    world.settle();
    assert.deepEqual(codes(world), []);
    world.end(2, 'rejected', 'risk');
    world.settle();
    assert.deepEqual(codes(world), ['LEG_DENIED', 'UNPROTECTED']);
  });

  it('leaves an exit alone that a person made smaller, but for what is not there any more', () => {
    const world = new ListWorld(listRequest('bracket', 3));
    world.settle();
    world.fill(0, qty(50));
    world.settle();
    world.amend(2, qty(20));
    world.fill(0, qty(50));
    world.settle();
    assert.equal(quantityOf(world, 2), '20');
    world.fill(1, qty(90));
    world.settle();
    assert.equal(quantityOf(world, 2), '10');
  });

  it('cancels everything when the list is cancelled, and asks a refused cancel a few times only', () => {
    const world = new ListWorld(listRequest('ouo', 2));
    world.settle();
    world.apply({ type: 'cancelAsked', by: 'tester' });
    for (let round = 0; round < 10; round += 1) {
      world.takeAct(0);
      world.answer(0, false);
      while (world.list.legs[0]?.order?.sequence !== world.orders.get(0)?.sequence) world.hear(0);
    }
    assert.equal(world.orders.get(0)?.actsAnswered, 4);
    world.settle();
    assert.equal(stateOf(world, 1), 'cancelled');
    assert.deepEqual(codes(world), ['LEG_NOT_CANCELLED']);
  });
});

type Step = { act: string; leg: number; quantity: number; yes: boolean };
const steps = fc.array(
  fc.record({
    act: fc.constantFrom('fill', 'fill', 'book', 'takeAct', 'answer', 'hear', 'hear', 'end', 'cancelList'),
    leg: fc.nat(2),
    quantity: fc.integer({ min: 1, max: 100 }),
    yes: fc.boolean(),
  }),
  { maxLength: 60 },
);

function play(world: ListWorld, { act, leg, quantity, yes }: Step): void {
  if (act === 'fill') world.fill(leg, qty(quantity));
  else if (act === 'book') world.book(leg);
  else if (act === 'takeAct') world.takeAct(leg, !yes && quantity > 70);
  else if (act === 'answer') world.answer(leg, yes);
  else if (act === 'hear') world.hear(leg);
  else if (act === 'end' && quantity > 90) world.end(leg, yes ? 'cancelled' : 'expired');
  else if (act === 'cancelList' && quantity > 95) world.apply({ type: 'cancelAsked', by: 'fuzz' });
}

// Goal: no order of words, fills and answers breaks a promise of the rules. Method: random steps; the strong promises
// are looked at after each step, those that hold once everybody has heard everything after the world came to rest.
describe('lists of orders, in any order of events', () => {
  const run = (
    contingency: 'oco' | 'ouo' | 'oto' | 'bracket',
    check: (world: ListWorld) => void,
    always = check,
  ) =>
    fc.assert(
      fc.property(steps, (script) => {
        const world = new ListWorld(listRequest(contingency, 3));
        for (const step of script) {
          play(world, step);
          if (always !== check) always(world);
        }
        world.settle();
        check(world);
      }),
      { numRuns: 700 },
    );
  const filled = (world: ListWorld, legs: number[]): Quantity =>
    sum(legs.map((leg) => world.orders.get(leg)?.cumQty ?? qty(0)));

  it('bracket: an exit is never larger than the fills of the entry, and at rest no exit oversells', () => {
    run(
      'bracket',
      (world) => {
        for (const [leg, other] of [
          [1, 2],
          [2, 1],
        ] as const) {
          if (!world.isOpen(leg) || world.orders.get(leg)?.held === true) continue;
          const room = subtract(filled(world, [0]), filled(world, [other]));
          assert.ok(compare(world.orders.get(leg)!.quantity, room) <= 0, `exit ${leg}`);
        }
        const oversold = compare(filled(world, [1, 2]), filled(world, [0])) > 0;
        assert.equal(codes(world).includes('OVERFILLED'), oversold);
      },
      (world) => {
        for (const leg of [1, 2]) {
          const exit = world.orders.get(leg);
          if (exit === undefined || exit.held || !world.isOpen(leg)) continue;
          assert.ok(
            compare(exit.quantity, filled(world, [0])) <= 0,
            `exit ${leg} is larger than the position`,
          );
        }
      },
    );
  });

  it('oco: at rest at most one order works once one has filled, and a second that filled was raised', () => {
    run('oco', (world) => {
      const traded = [0, 1, 2].filter((leg) => isPositive(filled(world, [leg])));
      const refused = codes(world).includes('LEG_NOT_CANCELLED');
      if (traded.length > 0 && !refused) assert.ok([0, 1, 2].filter((leg) => world.isOpen(leg)).length <= 1);
      assert.equal(codes(world).includes('BOTH_FILLED'), traded.length > 1);
    });
  });

  it('ouo: at rest no order can bring the list beyond its quantity', () => {
    run('ouo', (world) => {
      const refused = codes(world).includes('LEG_NOT_CANCELLED');
      for (const leg of [0, 1, 2]) {
        if (!world.isOpen(leg) || refused) continue;
        const others = filled(
          world,
          [0, 1, 2].filter((other) => other !== leg),
        );
        assert.ok(compare(world.orders.get(leg)!.quantity, subtract(qty(100), others)) <= 0);
      }
    });
  });

  it('oto: no child leaves the house before its parent has ended with fills', () => {
    const check = (world: ListWorld): void => {
      if (!world.isOpen(0) && isPositive(filled(world, [0]))) return;
      for (const leg of [1, 2]) assert.ok(!world.isOpen(leg) || world.orders.get(leg)?.held === true);
    };
    run('oto', check, (world) => check(world));
  });
});
