import type { LogLine } from '../../observability/log-schema';

/** The order that lines are looked for. */
export interface WantedOrder {
  orderId: string;
  workflowId: string;
}

/** A line of a log as it is shown: in our schema, or what another program wrote in its own way. */
export type FoundLine = Partial<LogLine> & Pick<LogLine, 'time' | 'msg' | 'component' | 'level'>;

/**
 * Knows which lines are about the order: those that name it by any of its ids, and those of its traces that name no
 * other order. Traces become known by the lines that name both.
 */
export class OrderLines {
  private readonly wanted: WantedOrder;
  private readonly traceIds: Set<string>;

  constructor(wanted: WantedOrder, traceIds: readonly string[] = []) {
    this.wanted = wanted;
    this.traceIds = new Set(traceIds);
  }

  /** Texts, one of which stands in every line that may be wanted. */
  needles(): string[] {
    return [this.wanted.orderId, this.wanted.workflowId, ...this.traceIds];
  }

  /** True when a line that came with {@link needles} is wanted. */
  isWanted(line: FoundLine): boolean {
    if (this.names(line)) {
      if (line.trace_id !== undefined) this.traceIds.add(line.trace_id);
      return true;
    }
    const namesAnother =
      line.orderId !== undefined || line.workflowId !== undefined || line.clOrdId !== undefined;
    return !namesAnother && line.trace_id !== undefined && this.traceIds.has(line.trace_id);
  }

  private names({ orderId, workflowId, clOrdId }: FoundLine): boolean {
    const { wanted } = this;
    return (
      orderId === wanted.orderId ||
      workflowId === wanted.workflowId ||
      clOrdId?.startsWith(`${wanted.orderId}-`) === true
    );
  }

  /** A line of another program: undefined when it is not about the order or does not say when it was. */
  fromOther(text: string, component: string): FoundLine | undefined {
    const { orderId, workflowId } = this.wanted;
    const at = text.indexOf(workflowId);
    // One id may be the beginning of another one.
    const isWorkflow = at >= 0 && !/[A-Za-z0-9._-]/.test(text.charAt(at + workflowId.length));
    if (!isWorkflow && !text.includes(orderId)) return undefined;
    const [, written = ''] = OTHER_TIME.exec(text) ?? [];
    const timeMs = Date.parse(written);
    if (Number.isNaN(timeMs)) return undefined;
    const level = /\berror\b/i.test(text) ? 'error' : 'warn';
    return { time: new Date(timeMs).toISOString(), level, msg: text.trim(), component };
  }
}

/** `"ts":"…"` and `time=…`, as the servers write. */
const OTHER_TIME = /(?:"(?:ts|time|timestamp)":\s*"|\btime=)(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))/;

/** The record of a line in our schema; undefined for any other text. */
export function parseLogLine(text: string): FoundLine | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<FoundLine> | null;
    const isOurs = typeof parsed?.time === 'string' && typeof parsed.msg === 'string';
    return isOurs && typeof parsed.component === 'string' ? (parsed as FoundLine) : undefined;
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined;
    throw fault;
  }
}
