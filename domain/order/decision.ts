import { ERROR_CODES, type ErrorCode } from '../errors/error-codes';
import type { Decision } from './order-commands';
import type { OrderEventBody } from './order-events';
import type { OrderState } from './order-types';
import { TRANSITIONS, type OwnAct } from './transition-table';

export function accept(...events: OrderEventBody[]): Decision {
  return { ok: true, events };
}

/** A refusal of ours; the message defaults to the one of the code. */
export function refuse(code: ErrorCode, message?: string): Decision {
  return { ok: false, refusal: { code, message: message ?? ERROR_CODES[code], duplicate: false } };
}

/** The answer to a true repeat: nothing changes, and callers answer as the first time. */
export function refuseRepeat(code: ErrorCode): Decision {
  return { ok: false, refusal: { code, message: ERROR_CODES[code], duplicate: true } };
}

/** The refusal that the transition table has for an act of ours in this state; undefined when it may go on. */
export function refusalByTable(state: OrderState, act: OwnAct): Decision | undefined {
  const transition = TRANSITIONS[act][state.state];
  return 'refuse' in transition ? refuse(transition.refuse, transition.because) : undefined;
}
