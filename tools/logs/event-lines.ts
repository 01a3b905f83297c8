import type { OrderEvent } from '../../domain/order/order-events';
import type { FoundLine, WantedOrder } from './order-lines';

const EVENT_COMPONENT = 'event-log';

/**
 * An entry of the order's log as a line among the others. Names and words of people stay in the log itself, which
 * `GET /v1/orders/{orderId}/events` shows to whoever may read the order.
 */
export function eventLine(event: OrderEvent, wanted: WantedOrder): FoundLine {
  return {
    time: event.at,
    level: 'info',
    msg: `Event ${event.seq}: ${event.type}`,
    component: EVENT_COMPONENT,
    ...wanted,
    sequence: event.seq,
    ...factsOf(event),
  };
}

function factsOf(event: OrderEvent): Partial<FoundLine> {
  switch (event.type) {
    case 'orderReceived': {
      const { account, clientOrderId, symbol, side, type, quantity, limitPrice } = event.request;
      return { account, clientOrderId, detail: { symbol, side, type, quantity, limitPrice } };
    }
    case 'orderValidated':
      return { venue: event.terms.venue };
    case 'orderDenied':
      return {
        outcome: 'denied',
        detail: { rejectedBy: event.rejectedBy, codes: event.reasons.map(({ code }) => code) },
      };
    case 'requestDenied':
      return { outcome: 'denied', detail: { codes: event.reasons.map(({ code }) => code) } };
    case 'orderHeld':
      return { detail: { until: event.until, ...(event.until === 'trigger' && { version: event.version }) } };
    case 'orderReleased':
      return {};
    case 'orderTriggered':
      return { outcome: event.sighting.missed ? 'missed' : 'watched', detail: { ...event.sighting } };
    case 'heldTermsChanged': {
      const { quantity, limitPrice, stopPrice } = event;
      return { detail: { quantity, limitPrice, stopPrice } };
    }
    case 'orderRouted':
    case 'cancelRequested':
    case 'replaceRequested':
      return { clOrdId: event.clOrdId };
    case 'reportApplied': {
      const { kind, clOrdId, execId, lastQty, lastPx } = event.report;
      return {
        kind,
        clOrdId,
        ...(execId !== undefined && { execId }),
        ...(lastQty !== undefined && { detail: { lastQty, lastPx } }),
      };
    }
    case 'anomalyRaised':
      return { level: 'warn', code: event.code };
    case 'outcomeResolved':
      return { outcome: event.outcome };
    case 'endedLocally':
      return { outcome: event.how };
    case 'fillsSettled':
      return { count: event.fillIds.length, detail: { settlementDate: event.settlementDate } };
    case 'riskReserved':
      return { outcome: 'reserved', detail: { limitVersion: event.limitVersion } };
    case 'outcomeUnknown':
      return { outcome: 'unknown', reason: event.reason };
  }
}
