import { recordStep } from './audit';
import { decideGuard, type DeployAction, type GuardDecision } from './guard/guard-rules';
import { marketHours, waitForWindow } from './guard/market-hours';
import { Refusal } from './outcome';
import type { RoutingContext } from './context';

export interface GuardOptions {
  /** Waits for the next window instead of refusing. */
  atClose?: boolean;
  /** Why routing must change inside a session, and the two people who answer for it. */
  overrideReason?: string;
  a?: string;
  b?: string;
}

export type Allowed = Extract<GuardDecision, { allowed: true }>;

/**
 * Lets a change of routing pass outside the sessions of guarded venues, or on an override, which goes on record. Throws
 * Refusal, with the time of the next window, when it must not happen now.
 */
export async function passGuard(
  context: RoutingContext,
  action: DeployAction,
  options: GuardOptions,
): Promise<Allowed> {
  let decision = await decide(context, action, options);
  if (!decision.allowed && options.atClose === true && !context.dryRun) {
    context.say(decision.message);
    await waitForWindow(context);
    decision = await decide(context, action, options);
  }
  if (decision.allowed) {
    if (decision.because === 'override')
      await recordStep(context, {
        command: action,
        step: 'guardOverridden',
        details: { ...decision.override },
      });
    return decision;
  }
  const { message, nextWindowAt } = decision;
  await recordStep(context, { command: action, step: 'refusedByGuard', details: { message, nextWindowAt } });
  throw new Refusal(message, { refusedBy: 'guard', nextWindowAt });
}

async function decide(
  context: RoutingContext,
  action: DeployAction,
  { overrideReason, a, b }: GuardOptions,
): Promise<GuardDecision> {
  const hours = await marketHours(context, new Date(context.nowMs()).toISOString());
  const isOverride = overrideReason !== undefined || a !== undefined || b !== undefined;
  if (!isOverride) return decideGuard(action, hours);
  const people = [a, b].filter((person) => person !== undefined);
  return decideGuard(action, hours, { reason: overrideReason ?? '', people });
}
