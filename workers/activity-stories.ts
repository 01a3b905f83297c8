import type { RecordOrderInput } from '../activities/reporting/reporting.port';
import type { SettleFillsInput } from '../activities/settlement/settlement.port';

/** What a line says about a finished activity, beside who it is about. */
type Story = (input: unknown, result: unknown) => Record<string, unknown>;

export interface Chapter {
  msg: string;
  level: 'info' | 'debug';
  story: Story;
}

/** How a step was decided, and by which codes when it was refused. */
const decision: Story = (_input, result) => {
  const { outcome, reasons = [] } = result as { outcome?: string; reasons?: { code: string }[] };
  const codes = reasons.map(({ code }) => code);
  return {
    outcome: outcome ?? (codes.length === 0 ? 'valid' : 'denied'),
    ...(codes.length > 0 && { code: codes[0], codes }),
  };
};

/** What became of a message to the venue. The reason of a doubt is in the words of the network. */
const message: Story = (input, result) => {
  const { clOrdId } = input as { clOrdId?: string };
  const {
    outcome,
    reports = [],
    reason,
  } = result as { outcome: string; reports?: unknown[]; reason?: string };
  return { clOrdId, outcome, count: reports.length, reason };
};

const recorded: Story = (input) => {
  const { events, view } = input as RecordOrderInput;
  return {
    clientOrderId: view.clientOrderId,
    state: view.state,
    sequence: view.sequence,
    events: events.map(({ seq, type }) => `${seq} ${type}`),
  };
};

const settled: Story = (input) => {
  const { fills, settlementDate } = input as SettleFillsInput;
  return { count: fills.length, settlementDate };
};

/** The steps of an order's life that its story tells, by the name of the activity or of the step in a joint one. */
export const CHAPTERS: Readonly<Record<string, Chapter>> = {
  validateOrder: { msg: 'Order validated', level: 'info', story: decision },
  validateAmendment: { msg: 'Amendment validated', level: 'info', story: decision },
  reserveExposure: { msg: 'Risk decided', level: 'info', story: decision },
  routeOrder: { msg: 'Order sent to the venue', level: 'info', story: message },
  cancelAtVenue: { msg: 'Cancel sent to the venue', level: 'info', story: message },
  replaceAtVenue: { msg: 'Replace sent to the venue', level: 'info', story: message },
  askOrderStatus: { msg: 'Venue asked for the status', level: 'info', story: message },
  recordOrder: { msg: 'Order recorded', level: 'info', story: recorded },
  settleFills: { msg: 'Fills settled', level: 'info', story: settled },
};
export const OTHER: Chapter = { msg: 'Activity done', level: 'debug', story: () => ({}) };

/** Whom a step is about: the order that its input names. */
export function orderIdIn(input: unknown): string | undefined {
  const { orderId, view } = (input ?? {}) as { orderId?: string; view?: { orderId: string } };
  return orderId ?? view?.orderId;
}
