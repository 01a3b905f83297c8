import type { SpanRecord } from '../../../observability/span-record';

/** The order that spans are sorted out for. */
export interface Owner {
  orderId: string;
  workflowId: string;
}

/**
 * The spans that tell about this order: those that name it, and those before and below them that name no other one. A
 * client may put many orders into one trace, and nobody may see another's order through it.
 */
export function ownSpans(spans: readonly SpanRecord[], owner: Owner): SpanRecord[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const own = new Set<SpanRecord>();
  for (const span of spans) {
    if (claimOf(span, owner) !== 'own') continue;
    for (const each of lineOf(span, byId)) {
      if (claimOf(each, owner) === 'other') break;
      own.add(each);
    }
  }
  for (const span of spans) {
    if (own.has(span) || claimOf(span, owner) !== 'none') continue;
    const above = lineOf(span, byId).find((each) => claimOf(each, owner) !== 'none');
    if (above !== undefined && claimOf(above, owner) === 'own') own.add(span);
  }
  return [...own].sort((a, b) => a.startUs - b.startUs);
}

function claimOf({ attributes }: SpanRecord, { orderId, workflowId }: Owner): 'own' | 'other' | 'none' {
  if (attributes['workflowId'] !== undefined)
    return attributes['workflowId'] === workflowId ? 'own' : 'other';
  if (attributes['orderId'] !== undefined) return attributes['orderId'] === orderId ? 'own' : 'other';
  const clOrdId = attributes['clOrdId'];
  if (typeof clOrdId !== 'string' || clOrdId === '') return 'none';
  return clOrdId.startsWith(`${orderId}-`) ? 'own' : 'other';
}

/** The span, its parent, that one's parent and so on, as far as they are known. */
function lineOf(span: SpanRecord, byId: ReadonlyMap<string, SpanRecord>): SpanRecord[] {
  const line: SpanRecord[] = [];
  const seen = new Set<string>();
  for (let each: SpanRecord | undefined = span; each !== undefined && !seen.has(each.spanId);) {
    line.push(each);
    seen.add(each.spanId);
    each = each.parentSpanId === undefined ? undefined : byId.get(each.parentSpanId);
  }
  return line;
}
