import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import {
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
  type SamplingResult,
} from '@opentelemetry/sdk-trace-node';
import { isFromClient } from './trace-context';

/** Name that the API gives the method of a request before anything else is known about it. */
export const HTTP_METHOD_ATTRIBUTE = 'http.request.method';

/** A minute's worth of traces may be recorded at once, after a minute in which nothing was. */
const BURST_SECONDS = 60;

/**
 * Without a collector only changes are recorded, and of them at most so many new traces a second, with a burst of
 * a minute's worth: at the pace of people every order has its timeline, and at full load recording costs little.
 */
class BoundedSampler implements Sampler {
  private readonly perSecondMax: number;
  private readonly burstMax: number;
  private readonly nowMs: () => number;
  private tokens: number;
  private refilledAtMs: number;

  constructor(perSecondMax: number, nowMs: () => number) {
    this.perSecondMax = perSecondMax;
    this.burstMax = perSecondMax * BURST_SECONDS;
    this.nowMs = nowMs;
    this.tokens = this.burstMax;
    this.refilledAtMs = nowMs();
  }

  shouldSample(
    _context: Context,
    _traceId: string,
    _name: string,
    _kind: SpanKind,
    attributes: Attributes,
  ): SamplingResult {
    const method = attributes[HTTP_METHOD_ATTRIBUTE];
    if (method === 'GET' || method === 'HEAD') return { decision: SamplingDecision.NOT_RECORD };
    const nowMs = this.nowMs();
    const earned = ((nowMs - this.refilledAtMs) / 1_000) * this.perSecondMax;
    this.tokens = Math.min(this.burstMax, this.tokens + earned);
    this.refilledAtMs = nowMs;
    if (this.tokens < 1) return { decision: SamplingDecision.NOT_RECORD };
    this.tokens -= 1;
    return { decision: SamplingDecision.RECORD_AND_SAMPLED };
  }

  toString(): string {
    return `BoundedSampler{${this.perSecondMax}/s}`;
  }
}

/** Decides at the edge: a span whose parent is ours follows its parent, any other one is decided anew. */
class EdgeSampler implements Sampler {
  private readonly root: Sampler;
  private readonly inside: Sampler;

  constructor(root: Sampler) {
    this.root = root;
    this.inside = new ParentBasedSampler({ root });
  }

  shouldSample(
    parent: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const sampler = isFromClient(parent) ? this.root : this.inside;
    return sampler.shouldSample(parent, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `EdgeSampler{${this.root.toString()}}`;
  }
}

/** With a collector: the share `ratio` of new traces. */
export function sampleShare(ratio: number): Sampler {
  return new EdgeSampler(new TraceIdRatioBasedSampler(ratio));
}

/** Without one: changes only, at most `perSecondMax` new traces a second. `nowMs` is any clock that goes forward. */
export function sampleBounded(perSecondMax: number, nowMs: () => number = () => performance.now()): Sampler {
  return new EdgeSampler(new BoundedSampler(perSecondMax, nowMs));
}
