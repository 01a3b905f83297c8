import type {
  IdentityDoc,
  AdmissionRecord,
  ExposureRecord,
  RiskAccountRecord,
} from '../../storage/collections';
import { decisionId } from '../../storage/keys';
import { toStored } from '../../storage/decimal128';
import type { RiskDecision } from '../../domain/risk/risk-decision';
import type { GuardedUpdate, Write } from '../../storage/write-all';
import type { AccountImage } from './account-draft';

/** Orders that an account keeps unfiled: all of them are read and written with it. */
const ADMITTED_MAX = 20;

/** What the decisions of one batch change, on top of an image. */
export interface AccountChange {
  image: AccountImage;
  account: RiskAccountRecord | undefined;
  /** Exposures by order id. */
  changed: ReadonlyMap<string, ExposureRecord>;
  decisions: readonly RiskDecision[];
  /** Keys of what changed in `positions` and `groups` of the account. */
  positionKeys: ReadonlySet<string>;
  groupKeys: ReadonlySet<string>;
}

/** What has to be written in one transaction, and the account once it is. With it goes what is not filed yet. */
export function transactionOf(change: AccountChange): {
  writes: Write[];
  account: RiskAccountRecord | undefined;
} {
  const { image, changed, decisions } = change;
  const kept = image.account?.admitted ?? [];
  const unfiled = new Set(kept.map(({ exposure }) => exposure._id));
  for (const orderId of image.filedByOlderBuild ?? []) unfiled.delete(orderId);
  if (changed.size === 0 && kept.length === 0) return { writes: [], account: change.account };
  const account = change.account === undefined ? undefined : filed(change.account);
  return {
    account,
    writes: [
      ...(account === undefined ? [] : [accountWrite(change, account, kept.length > 0)]),
      ...kept.flatMap(({ identity, decision }) => filingOf(identity, decision)),
      ...kept
        .filter(({ exposure }) => unfiled.has(exposure._id) && !changed.has(exposure._id))
        .map(({ exposure }) => exposureWrite(exposure, undefined)),
      // What has changed again is written as it is now.
      ...[...changed.values()].map((record) =>
        exposureWrite(record, unfiled.has(record._id) ? undefined : image.exposures.get(record._id)),
      ),
      ...decisions.map((decision): Write => {
        return { kind: 'insert', into: 'riskDecisions', document: decisionDocument(decision) };
      }),
    ],
  };
}

/**
 * The same as one write to the account, which keeps the orders of `identities` until they are filed, and the account once
 * it is written. Undefined when it cannot be that: when it changes more than these orders, each of them for the first
 * time, or when the account keeps enough already.
 */
export function admissionOf(
  change: AccountChange,
  identities: readonly IdentityDoc[],
): { write: GuardedUpdate; account: RiskAccountRecord } | undefined {
  const { image, account, changed, decisions } = change;
  const kept = account?.admitted ?? [];
  if (account === undefined || image.isNew || kept.length + identities.length > ADMITTED_MAX)
    return undefined;
  if (identities.length !== changed.size || identities.length !== decisions.length) return undefined;
  const admissions: AdmissionRecord[] = [];
  for (const identity of identities) {
    const exposure = changed.get(identity.orderId);
    const decision = decisions.find(({ orderId }) => orderId === identity.orderId);
    if (exposure === undefined || decision === undefined) return undefined;
    admissions.push({ identity, exposure, decision: { _id: decisionId(decision), ...decision } });
  }
  const after = { ...account, admitted: [...kept, ...admissions], version: account.version + 1 };
  const { into, filter, update } = accountUpdate(change, after);
  const $push = { admitted: { $each: admissions.map((admission) => toStored(admission)) } };
  return { account: after, write: { into, filter, update: { ...update, $push } } };
}

/** The account with its next version, when nothing is left to be filed. */
function filed({ admitted: _admitted, ...account }: RiskAccountRecord): RiskAccountRecord {
  return { ...account, version: account.version + 1 };
}

function accountWrite(change: AccountChange, account: RiskAccountRecord, files: boolean): Write {
  if (change.image.isNew) return { kind: 'insert', into: 'riskAccounts', document: toStored(account) };
  const { update, ...guarded } = accountUpdate(change, account);
  const gone = files ? { ...update.$unset, admitted: '' } : update.$unset;
  return { kind: 'update', ...guarded, update: { ...update, ...(gone !== undefined && { $unset: gone }) } };
}

/** The guard: nobody else may have changed the account since the image was read. */
function accountUpdate(
  { positionKeys, groupKeys }: AccountChange,
  { admitted: _admitted, ...account }: RiskAccountRecord,
) {
  const { cash, reserved, positions, groups } = toStored(account);
  const moved = [...positionKeys].map((key): [string, unknown] => [`positions.${key}`, positions[key]]);
  const kept = [...groupKeys].filter((key) => groups?.[key] !== undefined);
  const gone = [...groupKeys].filter((key) => groups?.[key] === undefined);
  for (const key of kept) moved.push([`groups.${key}`, groups?.[key]]);
  const $set = { cash, reserved, version: account.version, ...Object.fromEntries<unknown>(moved) };
  const $unset = Object.fromEntries(gone.map((key): [string, unknown] => [`groups.${key}`, '']));
  return {
    into: 'riskAccounts' as const,
    filter: { _id: account._id, version: account.version - 1 },
    update: { $set, ...(gone.length > 0 && { $unset }) } as Record<
      '$set' | '$unset',
      Record<string, unknown>
    >,
  };
}

/** Both may be there already: of an order that validation then denied, or that an older build has decided once more. */
function filingOf(identity: IdentityDoc, decision: RiskDecision): Write[] {
  return [
    { kind: 'append', into: 'orderIdentities', document: identity },
    { kind: 'append', into: 'riskDecisions', document: decisionDocument(decision) },
  ];
}

function exposureWrite(record: ExposureRecord, before: ExposureRecord | undefined): Write {
  const document = toStored(record);
  if (before === undefined) return { kind: 'insert', into: 'orderExposures', document };
  return {
    kind: 'replace',
    into: 'orderExposures',
    filter: { _id: record._id, sequence: before.sequence },
    document,
  };
}

function decisionDocument(decision: RiskDecision) {
  return { ...toStored(decision), _id: decisionId(decision) };
}
