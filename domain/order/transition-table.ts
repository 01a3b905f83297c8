import type { ErrorCode } from '../errors/error-codes';
import type { ReportKind } from './execution-report';
import { LIFECYCLE_STATES, type LifecycleState } from './order-types';

/** What we do to an order, as far as the lifecycle is concerned; venue reports are the other kinds of event. */
export const OWN_ACTS = [
  'validate',
  'deny',
  'reserve',
  'hold',
  'release',
  'trigger',
  'route',
  'cancelRequest',
  'replaceRequest',
  'denyRequest',
  'endLocally',
  'markUnknown',
  'resolveUnknown',
  'settle',
] as const;
export type OwnAct = (typeof OWN_ACTS)[number];
export type OrderEventKind = OwnAct | ReportKind;

/**
 * Where a transition leads: a fixed state; `stay`; `byFacts`, which is what the facts of the order say after the
 * event (see lifecycleByFacts); or `byOutcome`, which is what the resolving person or status answer says.
 */
export type Target = LifecycleState | 'stay' | 'byFacts' | 'byOutcome';

export type Transition =
  | {
      to: Target;
      /** `note` keeps the report on record and takes answers of requests from it, but changes nothing else. */
      effect: 'apply' | 'note';
      /** Present when the event breaks the rules: it is recorded all the same, and raised with this text. */
      alarm?: string;
    }
  | { refuse: ErrorCode; because: string };

type Row = Record<LifecycleState, Transition>;

const go = (to: Target): Transition => ({ to, effect: 'apply' });
const odd = (to: Target, alarm: string): Transition => ({ to, effect: 'apply', alarm });
const note = (alarm?: string): Transition => ({
  to: 'stay',
  effect: 'note',
  ...(alarm !== undefined && { alarm }),
});
const refuse = (code: ErrorCode, because: string): Transition => ({ refuse: code, because });

/** One row: `other` for every state that is not named. */
function row(other: Transition, named: Partial<Row> = {}): Row {
  return Object.fromEntries(LIFECYCLE_STATES.map((state) => [state, named[state] ?? other])) as Row;
}

const UNSENT = 'The venue spoke about an order that we had not validated yet.';
const REFUSED = 'The venue spoke about an order that ended as rejected.';
const OVER = 'The order ended before.';

/** Most reports: facts while the order lives, late and harmless once it ended, never expected on a rejected one. */
function reportRow(named: Partial<Row>): Row {
  return row(go('byFacts'), {
    new: note(UNSENT),
    rejected: note(REFUSED),
    settled: note(),
    cancelled: note(),
    expired: note(),
    ...named,
  });
}

/** The venue's word that the order is over. */
function endRow(to: 'cancelled' | 'expired'): Row {
  return reportRow({
    validated: go(to),
    routed: go(to),
    partiallyFilled: go(to),
    unknown: go(to),
    // Executions are facts: with nothing left there was nothing to end.
    filled: note('The venue ended an order that was completely filled.'),
    settled: note('The venue ended an order that was settled.'),
  });
}

const closed = (because: string) => refuse('ORDER_CLOSED', because);
const invalid = (because: string) => refuse('INVALID_TRANSITION', because);

const OWN_ROWS: Record<OwnAct, Row> = {
  validate: row(invalid('Only a new order is validated.'), { new: go('validated') }),
  // Risk denies after validation passed, but never once the order may have left the house.
  deny: row(invalid('Only an order that was not sent can be denied.'), {
    new: go('rejected'),
    validated: go('rejected'),
  }),
  // Amendments reserve too, and a reservation that was made is a fact in whatever state it finds the order.
  reserve: row(go('stay'), { new: invalid('Risk reserves only for validated orders.') }),
  // A send whose doubt is lifted by its own late answer counts as routed.
  route: row(invalid('The order was routed before, or has ended.'), {
    validated: go('routed'),
    unknown: go('byFacts'),
  }),
  // Held orders stay validated: they are ready to be sent, and nothing of them is at the venue.
  hold: row(invalid('Only an order that is ready to be sent can be held.'), { validated: go('stay') }),
  release: row(invalid('Only an order that waits here can be released.'), { validated: go('stay') }),
  trigger: row(invalid('Only an order that waits here can be triggered.'), { validated: go('stay') }),
  // A client may cancel what it just sent: the request waits until the order is at the venue.
  cancelRequest: row(closed(OVER), {
    new: go('stay'),
    validated: go('stay'),
    routed: go('stay'),
    partiallyFilled: go('stay'),
    unknown: go('stay'),
    filled: closed('The order is completely filled.'),
  }),
  replaceRequest: row(closed(OVER), {
    new: refuse('ORDER_NOT_OPEN', 'The order is not validated yet.'),
    validated: go('stay'),
    routed: go('stay'),
    partiallyFilled: go('stay'),
    // Only upward, which re-opens it if the venue agrees (FIX C.1.c); `decide` looks at the quantity.
    filled: go('stay'),
    unknown: refuse('ORDER_NOT_OPEN', 'It is not known whether the venue has the order.'),
  }),
  denyRequest: row(go('stay')),
  endLocally: row(invalid('The venue decides how an order ends that may have reached it.'), {
    new: go('byOutcome'),
    validated: go('byOutcome'),
  }),
  markUnknown: row(invalid('The fate of this order is not in doubt.'), {
    validated: go('unknown'),
    routed: go('unknown'),
  }),
  resolveUnknown: row(refuse('OUTCOME_NOT_UNKNOWN', 'The outcome of this order is known.'), {
    unknown: go('byOutcome'),
  }),
  settle: row(go('stay'), {
    partiallyFilled: go('byFacts'),
    filled: go('byFacts'),
    // A fill that came after settlement settles on its own date.
    settled: go('byFacts'),
  }),
};

const REPORT_ROWS: Record<ReportKind, Row> = {
  accepted: reportRow({}),
  rejected: row(note('The venue rejected an order that had ended.'), {
    new: note(UNSENT),
    validated: go('rejected'),
    // FIX allows Rejected after New: a venue may find its reason late.
    routed: go('rejected'),
    partiallyFilled: odd('rejected', 'The venue rejected an order with executions; they stand.'),
    filled: note('The venue rejected an order that was completely filled.'),
    rejected: note(),
    unknown: go('rejected'),
  }),
  // An execution is a fact in every state: money and shares moved.
  fill: row(go('byFacts'), {
    new: odd('stay', UNSENT),
    settled: odd('byFacts', 'The venue executed an order that was settled.'),
    rejected: odd('stay', REFUSED),
    // It crossed the end of the order on its way here (FIX J.1.b).
    cancelled: go('stay'),
    expired: go('stay'),
  }),
  pendingCancel: reportRow({}),
  cancelled: endRow('cancelled'),
  cancelRejected: reportRow({ validated: go('stay') }),
  pendingReplace: reportRow({}),
  // Replaced upward re-opens a filled order; down to the filled quantity it ends as filled (FIX D11).
  replaced: reportRow({ settled: note('The venue replaced an order that was settled.') }),
  replaceRejected: reportRow({ validated: go('stay') }),
  restated: reportRow({
    settled: note('The venue restated an order that was settled.'),
    cancelled: note('The venue restated an order that was cancelled.'),
    expired: note('The venue restated an order that had expired.'),
  }),
  // Ends a day order, and lets a good-till order rest until its next day.
  doneForDay: reportRow({}),
  suspended: reportRow({}),
  stopped: reportRow({}),
  triggered: reportRow({}),
  calculated: reportRow({}),
  expired: endRow('expired'),
  // Gives quantity back and may turn filled into partially filled (FIX J.1.a). Settled is final: days have passed,
  // and the quantity that a bust takes away does not trade again.
  bust: correctionRow(),
  correct: correctionRow(),
};

function correctionRow(): Row {
  return row(go('byFacts'), {
    new: odd('stay', UNSENT),
    settled: go('stay'),
    rejected: odd('stay', REFUSED),
    cancelled: go('stay'),
    expired: go('stay'),
  });
}

/** The one transition table of orders: every kind of event in every lifecycle state. */
export const TRANSITIONS: Record<OrderEventKind, Row> = { ...OWN_ROWS, ...REPORT_ROWS };
