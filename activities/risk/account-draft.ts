import { moveExposure, FLAT } from '../../domain/risk/account-book';
import { NO_EXPOSURE } from '../../domain/risk/check-risk';
import {
  EMPTY_GROUP,
  feltOf,
  holdingOf,
  isEmpty,
  withHolding,
  type Group,
} from '../../domain/risk/exposure-groups';
import { add, subtract, type Decimal } from '../../domain/money/decimal';
import type { ExposureDecision, ExposureRecord, RiskAccountRecord } from '../../storage/collections';
import { toStored } from '../../storage/decimal128';
import { decisionId, fieldKey, groupKey } from '../../storage/keys';
import type { RiskDecision, AccountExposure } from '../../domain/risk/risk-decision';
import type { ExposureContribution } from '../../domain/risk/exposure';
import type { Write } from '../../storage/write-all';

/** What is known to be committed about one account; exposures are a part, those that are needed. */
export interface AccountImage {
  /** Undefined when the account does not exist. */
  account: RiskAccountRecord | undefined;
  /** True when `account` is not in MongoDB yet. */
  isNew: boolean;
  exposures: ReadonlyMap<string, ExposureRecord>;
}

/** Where a new contribution comes from. */
export interface ExposureChange {
  orderId: string;
  account: string;
  symbol: string;
  sequence: number;
  contribution: ExposureContribution;
  /** The group of alternatives that the order belongs to, if to one. */
  group?: string;
  decision?: ExposureDecision;
}

/** Decisions of one batch, made one after the other on an image that nobody else sees until they are committed. */
export class AccountDraft {
  account: RiskAccountRecord | undefined;
  readonly changed = new Map<string, ExposureRecord>();
  private readonly decisions: RiskDecision[] = [];
  private readonly touched = new Set<string>();
  private readonly touchedGroups = new Set<string>();
  private readonly image: AccountImage;

  constructor(image: AccountImage) {
    this.image = image;
    this.account = image.account;
  }

  exposure(orderId: string): ExposureRecord | undefined {
    return this.changed.get(orderId) ?? this.image.exposures.get(orderId);
  }

  /**
   * The account as checks see it, with the position in one symbol. An order with alternatives sees of their group what
   * it holds itself, and no more: it may have what they hold. Only for accounts that exist.
   */
  view(
    account: RiskAccountRecord,
    symbol: string,
    grouped?: { group: string; orderId: string },
  ): AccountExposure {
    const position = account.positions[fieldKey(symbol)] ?? FLAT;
    const whole = { cash: account.cash, reserved: account.reserved, position };
    if (grouped === undefined) return whole;
    const group = this.group(groupKey(grouped.group, symbol));
    const others = holdingOf(group);
    const own = group[grouped.orderId] ?? NO_EXPOSURE;
    const without = (total: Decimal, all: Decimal, mine: Decimal): Decimal => add(subtract(total, all), mine);
    return {
      cash: whole.cash,
      reserved: without(whole.reserved, others.reservedCash, own.reservedCash),
      position: {
        quantity: position.quantity,
        reservedSell: without(position.reservedSell, others.reservedPosition, own.reservedPosition),
        openBuy: without(position.openBuy, others.openBuyQuantity, own.openBuyQuantity),
      },
    };
  }

  /** Sets an order's absolute contribution; the totals of the account move by the difference. */
  set(change: ExposureChange): void {
    const before = this.exposure(change.orderId);
    const { orderId, account, symbol, contribution } = change;
    const decision = change.decision ?? before?.decision;
    const sequence = Math.max(change.sequence, before?.sequence ?? 0);
    const group = change.group ?? before?.group;
    const head = { _id: orderId, account, symbol, sequence, contribution };
    this.changed.set(orderId, {
      ...head,
      ...(group !== undefined && { group }),
      ...(decision !== undefined && { decision }),
    });
    if (this.account === undefined) return;
    const key = fieldKey(symbol);
    const was = before?.contribution ?? NO_EXPOSURE;
    const [from, to] =
      group === undefined
        ? [was, contribution]
        : this.regroup(groupKey(group, symbol), orderId, was, contribution);
    this.account = { ...this.account, ...moveExposure(this.account, key, from, to) };
    this.touched.add(key);
  }

  private group(key: string): Group {
    return this.account?.groups?.[key] ?? EMPTY_GROUP;
  }

  /** Notes what the order holds in its group, and says what the account felt of it before and feels now. */
  private regroup(
    key: string,
    orderId: string,
    was: ExposureContribution,
    is: ExposureContribution,
  ): [ExposureContribution, ExposureContribution] {
    const before = this.group(key);
    const after = withHolding(before, orderId, is);
    this.touchedGroups.add(key);
    if (this.account !== undefined) {
      const { [key]: _before, ...others } = this.account.groups ?? {};
      this.account = { ...this.account, groups: isEmpty(after) ? others : { ...others, [key]: after } };
    }
    return [feltOf(was, before), feltOf(is, after)];
  }

  record(decision: RiskDecision): void {
    this.decisions.push(decision);
  }

  /** The image once these writes are committed; none when nothing changed. */
  writes(): { writes: Write[]; account: RiskAccountRecord | undefined } {
    if (this.changed.size === 0) return { writes: [], account: this.account };
    const account =
      this.account === undefined ? undefined : { ...this.account, version: this.account.version + 1 };
    return {
      account,
      writes: [
        ...(account === undefined ? [] : [this.accountWrite(account)]),
        ...[...this.changed.values()].map((record) => this.exposureWrite(record)),
        ...this.decisions.map(decisionWrite),
      ],
    };
  }

  private accountWrite(account: RiskAccountRecord): Write {
    if (this.image.isNew) return { kind: 'insert', into: 'riskAccounts', document: toStored(account) };
    const { cash, reserved, positions, groups } = toStored(account);
    const moved = [...this.touched].map((key): [string, unknown] => [`positions.${key}`, positions[key]]);
    const kept = [...this.touchedGroups].filter((key) => groups?.[key] !== undefined);
    const gone = [...this.touchedGroups].filter((key) => groups?.[key] === undefined);
    for (const key of kept) moved.push([`groups.${key}`, groups?.[key]]);
    return {
      kind: 'update',
      into: 'riskAccounts',
      // The guard: nobody else may have changed the account since the image was read.
      filter: { _id: account._id, version: account.version - 1 },
      update: {
        $set: { cash, reserved, version: account.version, ...Object.fromEntries<unknown>(moved) },
        ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((key) => [`groups.${key}`, ''])) }),
      },
    };
  }

  private exposureWrite(record: ExposureRecord): Write {
    const before = this.image.exposures.get(record._id);
    const document = toStored(record);
    if (before === undefined) return { kind: 'insert', into: 'orderExposures', document };
    const filter = { _id: record._id, sequence: before.sequence };
    return { kind: 'replace', into: 'orderExposures', filter, document };
  }
}

function decisionWrite(decision: RiskDecision): Write {
  const document = { _id: decisionId(decision), ...toStored(decision) };
  return { kind: 'insert', into: 'riskDecisions', document };
}
