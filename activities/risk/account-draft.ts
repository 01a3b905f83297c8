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
import { fieldKey, groupKey } from '../../storage/keys';
import type { RiskDecision, AccountExposure } from '../../domain/risk/risk-decision';
import type { ExposureContribution } from '../../domain/risk/exposure';
import type { AccountChange } from './account-writes';

/** What is known to be committed about one account; exposures are a part, those that are needed. */
export interface AccountImage {
  /** Undefined when the account does not exist. */
  account: RiskAccountRecord | undefined;
  /** True when `account` is not in MongoDB yet. */
  isNew: boolean;
  /** As they were read, or as the desk remembers them; what is remembered may not be filed yet, which `account.admitted` tells. */
  exposures: ReadonlyMap<string, ExposureRecord>;
  /** Orders that are filed although the account still keeps them; see {@link AccountDraft}. */
  filedByOlderBuild?: ReadonlySet<string>;
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

/**
 * Decisions of one batch, made one after the other on an image that nobody else sees until they are committed. An older
 * build, which knows nothing of orders that their account keeps, may have begun or gone on with one of them as with one
 * that holds nothing, and filed it. What its admission holds then counts beside that, and is taken back.
 */
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
    this.takeBackCountedTwice();
  }

  exposure(orderId: string): ExposureRecord | undefined {
    return this.changed.get(orderId) ?? this.image.exposures.get(orderId) ?? this.unfiled(orderId);
  }

  private takeBackCountedTwice(): void {
    const { account, filedByOlderBuild } = this.image;
    for (const { exposure } of account?.admitted ?? []) {
      // What a group holds is counted by order, and so only once.
      if (filedByOlderBuild?.has(exposure._id) === true && exposure.group === undefined)
        this.move(exposure.symbol, exposure.contribution, NO_EXPOSURE);
    }
  }

  private unfiled(orderId: string): ExposureRecord | undefined {
    return this.image.account?.admitted?.find(({ exposure }) => exposure._id === orderId)?.exposure;
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
    const was = before?.contribution ?? NO_EXPOSURE;
    const [from, to] =
      group === undefined || this.account === undefined
        ? [was, contribution]
        : this.regroup(groupKey(group, symbol), orderId, was, contribution);
    this.move(symbol, from, to);
  }

  private move(symbol: string, from: ExposureContribution, to: ExposureContribution): void {
    if (this.account === undefined) return;
    const key = fieldKey(symbol);
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

  /** What was decided, to be written. */
  change(): AccountChange {
    return {
      image: this.image,
      account: this.account,
      changed: this.changed,
      decisions: this.decisions,
      positionKeys: this.touched,
      groupKeys: this.touchedGroups,
    };
  }
}
