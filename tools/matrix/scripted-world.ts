import { ApplicationFailure } from '@temporalio/common';
import { decimal, ZERO } from '../../domain/money/decimal';
import type { ExecutionActivities, SendResult } from '../../activities/execution/execution.port';
import type { OrderEntryActivities } from '../../activities/order-entry/order-entry.port';
import type { OrderStepActivities } from '../../activities/order-steps.port';
import type { RiskActivities } from '../../activities/risk/risk.port';
import type { OrderTerms } from '../../domain/order/order-types';

type WorldActivities = Pick<OrderStepActivities, 'admitOrder' | 'deliverEffects'> &
  Pick<OrderEntryActivities, 'validateAmendment'> &
  Pick<RiskActivities, 'reserveExposure'> &
  ExecutionActivities;

export const MATRIX_VENUE = 'XSIM';
/** Longer than any play: no day ends, and no fill settles, while a matrix is played. */
export const FAR_AWAY_MS = 30 * 86_400_000;

const SENT: SendResult = { outcome: 'sent', reports: [] };

/**
 * The world around an order of a matrix. Validation and risk have no objection, because a matrix is about what comes
 * after them. The venue takes every message and says nothing at once: what it says are the steps of the matrix, which
 * come as signals. Nothing is ever recorded, so that an order that has ended stays there for what is still to come.
 */
export function scriptedWorld(taskQueue: string): WorldActivities {
  const terms = (): OrderTerms => ({
    venue: MATRIX_VENUE,
    venueTaskQueue: taskQueue,
    currency: 'USD',
    tickSize: decimal('0.01'),
    lotSize: decimal('1'),
    multiplier: decimal('1'),
    sessionCloseAt: new Date(Date.now() + FAR_AWAY_MS).toISOString(),
    settlement: { mode: 'calendar' },
  });
  const reserved = { outcome: 'reserved', limitVersion: 1, unitReserve: ZERO } as const;
  return {
    admitOrder: async () => ({ outcome: 'valid', terms: terms(), risk: reserved }),
    validateAmendment: async () => ({ reasons: [] }),
    reserveExposure: async () => reserved,
    routeOrder: async () => SENT,
    cancelAtVenue: async () => SENT,
    replaceAtVenue: async () => SENT,
    askOrderStatus: async () => ({ outcome: 'unreachable', reports: [], open: true }),
    deliverEffects: async () => {
      throw ApplicationFailure.create({
        message: 'A matrix is played without records.',
        nextRetryDelay: FAR_AWAY_MS,
      });
    },
  };
}
