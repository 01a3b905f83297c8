import { z } from 'zod';

/** What the generator did, one line of its output each. */
const schema = z.object({
  op: z.enum(['submit', 'readBack', 'cancel', 'amend', 'read']),
  /** Number of the arrival in its phase. */
  n: z.number(),
  /** Epoch milliseconds at which the request was sent. */
  at: z.number(),
  ms: z.number(),
  /** HTTP status; 0 when no answer came. */
  status: z.number(),
  code: z.string().optional(),
  /** Seconds that the answer asked to wait. */
  retryAfter: z.number().optional(),
  kind: z.enum(['market', 'resting', 'amended']).optional(),
  account: z.string().optional(),
  clientOrderId: z.string().optional(),
  orderId: z.string().optional(),
  tries: z.number().optional(),
});

export type Operation = z.infer<typeof schema>;
export type OrderKind = NonNullable<Operation['kind']>;

/** Reads the generator's lines. Throws on a line that is not one of ours: nothing it said may be passed over. */
export function parseOperations(text: string): Operation[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)));
}

/** One order as its sender knows it after all its answers. */
export interface SentOrder {
  clientOrderId: string;
  account: string;
  kind: OrderKind;
  /** Known once an answer named it. */
  orderId: string | undefined;
  /** `acknowledged`: 201 or 200. `denied`: 422. `refused`: 429 or 503, nothing was sent. `doubtful`: anything else. */
  outcome: 'acknowledged' | 'denied' | 'refused' | 'doubtful';
  /** `none` when no cancel was sent, `doubtful` when its answer leaves it open. */
  cancel: 'none' | 'accepted' | 'failed' | 'doubtful';
}

function outcomeOf({ status }: Operation): SentOrder['outcome'] {
  if (status === 201 || status === 200) return 'acknowledged';
  if (status === 422) return 'denied';
  return status === 429 || status === 503 ? 'refused' : 'doubtful';
}

/** An order whose answer was open stays doubtful when the repeat was only refused: the first may have gone through. */
function outcomeAfter(before: SentOrder['outcome'] | undefined, next: Operation): SentOrder['outcome'] {
  const outcome = outcomeOf(next);
  return before === 'doubtful' && outcome === 'refused' ? 'doubtful' : outcome;
}

/** Gathers the orders of one phase from its operations. */
export function ordersOf(operations: readonly Operation[]): SentOrder[] {
  const byNumber = new Map<number, SentOrder>();
  for (const operation of operations) {
    const { op, n, kind, account, clientOrderId, orderId, status } = operation;
    const known = byNumber.get(n);
    if (op === 'submit' && kind !== undefined && account !== undefined && clientOrderId !== undefined) {
      byNumber.set(n, {
        clientOrderId,
        account,
        kind,
        orderId: orderId ?? known?.orderId,
        outcome: outcomeAfter(known?.outcome, operation),
        cancel: 'none',
      });
    } else if (op === 'cancel' && known !== undefined) {
      known.cancel = cancelAfter(known.cancel, status);
    }
  }
  return [...byNumber.values()];
}

/** A cancel that is taken twice is answered 409 the second time: after an open answer that says it was taken. */
function cancelAfter(before: SentOrder['cancel'], status: number): SentOrder['cancel'] {
  if (status === 202) return 'accepted';
  if (status === 0 || status === 504) return 'doubtful';
  return before === 'doubtful' ? 'doubtful' : 'failed';
}
