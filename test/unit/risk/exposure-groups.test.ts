import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AccountDraft } from '../../../activities/risk/account-draft';
import { transactionOf } from '../../../activities/risk/account-writes';
import { decimal, maximum, sum, ZERO, type Decimal } from '../../../domain/money/decimal';
import type { ExposureContribution } from '../../../domain/risk/exposure';
import type { RiskAccountRecord } from '../../../storage/collections';

const ACCOUNT: RiskAccountRecord = {
  _id: 'acc',
  currency: 'USD',
  cash: decimal('1000'),
  reserved: ZERO,
  positions: {},
  version: 0,
};
const GROUP_OF: Readonly<Record<string, string | undefined>> = {
  a: 'list.1',
  b: 'list.1',
  c: 'list.2',
  d: undefined,
};

const held = fc.integer({ min: 0, max: 1_000 }).map((n) => decimal(String(n)));
const moved = fc.integer({ min: -1_000, max: 1_000 }).map((n) => decimal(String(n)));
const change = fc.record({
  orderId: fc.constantFrom('a', 'b', 'c', 'd'),
  contribution: fc.record({
    reservedCash: held,
    reservedPosition: held,
    openBuyQuantity: held,
    cashDelta: moved,
    positionDelta: moved,
  }),
});

const draftOf = (): AccountDraft =>
  new AccountDraft({ account: ACCOUNT, isNew: false, exposures: new Map() });

function setAll(
  draft: AccountDraft,
  changes: { orderId: string; contribution: ExposureContribution }[],
): void {
  changes.forEach(({ orderId, contribution }, index) => {
    const group = GROUP_OF[orderId];
    const base = { orderId, account: 'acc', symbol: 'B.RK', sequence: index + 1, contribution };
    draft.set(group === undefined ? base : { ...base, group });
  });
}

// Goal: of alternatives the account holds what the dearest needs, and of everything else the sum.
describe('exposure of groups of alternatives', () => {
  it('is the most that one of a group holds, the sum over groups, and the sum of what was moved', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const draft = draftOf();
        setAll(draft, changes);
        const last = new Map<string, ExposureContribution>(
          changes.map(({ orderId, contribution }) => [orderId, contribution]),
        );
        const most = (field: keyof ExposureContribution): Decimal => {
          const of = (orderId: string): Decimal => last.get(orderId)?.[field] ?? ZERO;
          return sum([maximum(of('a'), of('b')), of('c'), of('d')]);
        };
        const account = draft.account!;
        assert.equal(account.reserved, most('reservedCash'));
        assert.equal(account.positions['B%2eRK']?.reservedSell ?? ZERO, most('reservedPosition'));
        assert.equal(account.positions['B%2eRK']?.openBuy ?? ZERO, most('openBuyQuantity'));
        const all = [...last.values()];
        assert.equal(account.cash, sum([decimal('1000'), ...all.map(({ cashDelta }) => cashDelta)]));
      }),
    );
  });

  it('lets an order see of its group only what it holds itself', () => {
    const draft = draftOf();
    const contribution = {
      reservedCash: decimal('70'),
      reservedPosition: decimal('9'),
      openBuyQuantity: ZERO,
    };
    const still = { cashDelta: ZERO, positionDelta: ZERO };
    setAll(draft, [
      { orderId: 'a', contribution: { ...contribution, ...still } },
      { orderId: 'd', contribution: { ...contribution, ...still } },
    ]);
    const seen = (orderId: 'a' | 'b') => draft.view(draft.account!, 'B.RK', { group: 'list.1', orderId });
    assert.deepEqual([seen('b').reserved, seen('b').position.reservedSell], ['70', '9']);
    assert.deepEqual([seen('a').reserved, seen('a').position.reservedSell], ['140', '18']);
  });

  it('forgets a group of which no order holds anything', () => {
    const draft = draftOf();
    const nothing = { reservedCash: ZERO, reservedPosition: ZERO, openBuyQuantity: ZERO };
    const still = { cashDelta: ZERO, positionDelta: ZERO };
    setAll(draft, [
      { orderId: 'a', contribution: { ...nothing, reservedCash: decimal('70'), ...still } },
      { orderId: 'a', contribution: { ...nothing, ...still } },
    ]);
    assert.deepEqual(draft.account?.groups, {});
    const write = transactionOf(draft.change()).writes[0]!;
    assert.ok(write.kind === 'update');
    assert.deepEqual(write.update['$unset'], { 'groups.list%2e1:B%2eRK': '' });
  });
});
