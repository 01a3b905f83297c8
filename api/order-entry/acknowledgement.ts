import type { Reply } from '../http/route';

/** How a submit was answered, for those who watch: our decision, or why there was none. */
export const ACKNOWLEDGEMENT_OUTCOMES = [
  'accepted',
  'repeated',
  'denied',
  'conflict',
  'overloaded',
  'unavailable',
  'unknown',
  'failed',
] as const;
export type AcknowledgementOutcome = (typeof ACKNOWLEDGEMENT_OUTCOMES)[number];

/** Hears of each answer: its outcome, the build of the worker that gave it (`none` for none), and its time. */
export type AcknowledgementObserver = (
  outcome: AcknowledgementOutcome,
  build: string,
  seconds: number,
) => void;

export interface Acknowledgement {
  answeredBy(build: string | undefined): void;
  end(reply: Reply): void;
}

/** The label of answers that no workflow gave. */
export const NO_BUILD = 'none';

/** Takes the time of one submit from now until `end`. */
export function beginAcknowledgement(observe: AcknowledgementObserver): Acknowledgement {
  const begunMs = performance.now();
  let answering = NO_BUILD;
  return {
    answeredBy: (build) => void (answering = build ?? NO_BUILD),
    end: (reply) => observe(outcomeOf(reply), answering, (performance.now() - begunMs) / 1_000),
  };
}

const OUTCOME_BY_STATUS: Readonly<Record<number, AcknowledgementOutcome>> = {
  200: 'repeated',
  201: 'accepted',
  409: 'conflict',
  422: 'denied',
  429: 'overloaded',
  503: 'unavailable',
  504: 'unknown',
};

export function outcomeOf(reply: Reply): AcknowledgementOutcome {
  // A 503 because there is too much to do is not one because something is away.
  if (reply.kind === 'problem' && reply.code === 'TOO_BUSY') return 'overloaded';
  const status = reply.kind === 'streaming' ? 200 : reply.status;
  return OUTCOME_BY_STATUS[status] ?? 'failed';
}
