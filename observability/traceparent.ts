/** What OpenTelemetry calls a span context, without the state of other vendors: plain, and so fit for a workflow. */
export interface SpanIdentity {
  traceId: string;
  spanId: string;
  traceFlags: number;
  isRemote?: boolean;
}

/** Version, trace id, span id, flags. Later versions may say more after these, and a header must stay short. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;
const CHARACTERS_MAX = 128;
const VERSION_0_CHARACTERS = 55;

/** The span that a W3C `traceparent` names; undefined when the text is not one. */
export function parseTraceparent(text: unknown): SpanIdentity | undefined {
  if (typeof text !== 'string' || text.length > CHARACTERS_MAX) return undefined;
  if (text.startsWith('00-') && text.length !== VERSION_0_CHARACTERS) return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanIdentity): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`;
}
