import assert from 'node:assert/strict';
import { AccountDraft } from '../../../activities/risk/account-draft';
import { admissionOf, transactionOf } from '../../../activities/risk/account-writes';
import { decimal, ZERO } from '../../../domain/money/decimal';
import type { RiskDecision } from '../../../domain/risk/risk-decision';
import type { IdentityDoc, AdmissionRecord, RiskAccountRecord } from '../../../storage/collections';
import type { Write } from '../../../storage/write-all';

// Goal: one write that admits orders says all of them, and nothing but them; what it left is filed once, by whatever is
// written next. Method: the writes of drafts are looked at.

const ACCOUNT: RiskAccountRecord = {
  _id: 'acc',
  currency: 'USD',
  cash: decimal('1000'),
  reserved: ZERO,
  positions: {},
  version: 4,
};
const HELD = {
  reservedCash: decimal('10'),
  reservedPosition: ZERO,
  openBuyQuantity: decimal('1'),
  cashDelta: ZERO,
  positionDelta: ZERO,
};
const identity = (orderId: string): IdentityDoc => ({
  _id: `acc:${orderId}`,
  orderId,
  requestHash: 'hash',
  workflowId: `order:acc:${orderId}`,
  firstRunId: 'run-1',
  createdAt: '2026-01-05T15:00:00.000Z',
});
const decision = (orderId: string) => ({ orderId, riskVersion: 1, sequence: 2 }) as RiskDecision;
const exposure = (orderId: string, sequence = 2) => ({
  orderId,
  account: 'acc',
  symbol: 'IBM',
  sequence,
  contribution: HELD,
});

function draftOf(account: RiskAccountRecord, ...orderIds: string[]): AccountDraft {
  const draft = new AccountDraft({ account, isNew: false, exposures: new Map() });
  for (const orderId of orderIds) {
    draft.set(exposure(orderId));
    draft.record(decision(orderId));
  }
  return draft;
}
const targets = (writes: Write[]): string[] =>
  writes.map((write) => {
    const id = 'document' in write && write.kind !== 'replace' ? write.document._id : write.filter._id;
    return `${write.kind} ${write.into} ${id}`;
  });

/** The account after one write that admitted the orders. */
function admitted(...orderIds: string[]): RiskAccountRecord {
  const admission = admissionOf(draftOf(ACCOUNT, ...orderIds).change(), orderIds.map(identity));
  assert.ok(admission);
  return admission.account;
}

describe('writes about an account', () => {
  it('admit orders by one guarded update, after which the account keeps them', () => {
    const admission = admissionOf(draftOf(ACCOUNT, 'a', 'b').change(), ['a', 'b'].map(identity));
    assert.ok(admission);
    const { filter, update, into } = admission.write;
    assert.deepEqual([into, filter], ['riskAccounts', { _id: 'acc', version: 4 }]);
    const pushed = (update['$push'] as { admitted: { $each: AdmissionRecord[] } }).admitted.$each;
    assert.deepEqual(
      pushed.map((each) => [each.identity._id, each.exposure._id, each.decision._id]),
      [
        ['acc:a', 'a', 'a:1:2'],
        ['acc:b', 'b', 'b:1:2'],
      ],
    );
    assert.equal((update['$set'] as { version: number }).version, 5);
    assert.deepEqual([admission.account.version, admission.account.reserved], [5, '20']);
  });

  it('admit nothing alone when there is more to it', () => {
    const admit = (draft: AccountDraft, ...orderIds: string[]) =>
      admissionOf(draft.change(), orderIds.map(identity));
    assert.equal(admit(draftOf(ACCOUNT, 'a', 'b'), 'a'), undefined, 'an exposure of another order');
    assert.equal(admit(draftOf(ACCOUNT, 'a'), 'b'), undefined, 'another order');
    const undecided = draftOf(ACCOUNT);
    undecided.set(exposure('a'));
    assert.equal(admit(undecided, 'a'), undefined, 'an exposure without a decision');
    const unknown = new AccountDraft({ account: ACCOUNT, isNew: true, exposures: new Map() });
    unknown.set(exposure('a'));
    unknown.record(decision('a'));
    assert.equal(admit(unknown, 'a'), undefined, 'an account that is not there yet');
    const orderIds = Array.from({ length: 20 }, (_, n) => `o${n}`);
    assert.equal(admit(draftOf(admitted(...orderIds), 'a'), 'a'), undefined, 'an account that keeps enough');
  });

  it('file what an admission left, with whatever is written next', () => {
    const draft = draftOf(admitted('a', 'b'), 'c');
    const { writes, account } = transactionOf(draft.change());
    assert.deepEqual(targets(writes).sort(), [
      'append orderIdentities acc:a',
      'append orderIdentities acc:b',
      'append riskDecisions a:1:2',
      'append riskDecisions b:1:2',
      'insert orderExposures a',
      'insert orderExposures b',
      'insert orderExposures c',
      'insert riskDecisions c:1:2',
      'update riskAccounts acc',
    ]);
    const update = writes.find(({ kind }) => kind === 'update');
    assert.ok(update?.kind === 'update');
    assert.deepEqual(update.update['$unset'], { admitted: '' });
    assert.deepEqual([account?.admitted, account?.version], [undefined, 6]);
  });

  it('file an order as it is by then', () => {
    const draft = draftOf(admitted('a'));
    draft.set({ ...exposure('a', 7), contribution: { ...HELD, reservedCash: decimal('4') } });
    const { writes, account } = transactionOf(draft.change());
    assert.deepEqual(
      targets(writes).filter((target) => target.includes('orderExposures')),
      ['insert orderExposures a'],
    );
    const write = writes.find(({ into }) => into === 'orderExposures');
    assert.ok(write?.kind === 'insert');
    assert.deepEqual([write.document['sequence'], account?.reserved], [7, '4']);
  });

  it('are none when nothing changed and nothing is left', () => {
    assert.deepEqual(transactionOf(draftOf(ACCOUNT).change()), { writes: [], account: ACCOUNT });
  });
});
