import type { GuardedHours } from '../../../domain/calendar/guarded-hours';

/** The steps of a deployment. */
export const DEPLOY_ACTIONS = ['start', 'canary', 'promote', 'rollback', 'drain', 'stop'] as const;
export type DeployAction = (typeof DEPLOY_ACTIONS)[number];

/** Steps after which new orders go elsewhere than before. Starting or stopping a build that gets none does not. */
const CHANGES_ROUTING: Readonly<Record<DeployAction, boolean>> = {
  start: false,
  canary: true,
  promote: true,
  rollback: true,
  drain: false,
  stop: false,
};

const REASON_CHARACTERS_MIN = 10;
const REASON_CHARACTERS_MAX = 500;
const PEOPLE_NEEDED = 2;
const PERSON_PATTERN = /^\p{L}[\p{L}\p{M}\p{N}.'’_ -]{1,63}$/u;

/** Why a step may be taken inside a session, and the people who answer for it. */
export interface GuardOverride {
  reason: string;
  people: readonly string[];
}

export type GuardDecision =
  | { allowed: true; because: 'no-change-of-routing' | 'rollback' | 'window' }
  | { allowed: true; because: 'override'; override: GuardOverride }
  | { allowed: false; message: string; nextWindowAt: string };

/**
 * Whether a step may be taken now. Rollback always may: a guard that keeps a bad build in place would do the harm that
 * it is there to prevent. An override counts only when it is whole; otherwise the message names every fault of it.
 */
export function decideGuard(
  action: DeployAction,
  hours: GuardedHours,
  override?: GuardOverride,
): GuardDecision {
  if (action === 'rollback') return { allowed: true, because: 'rollback' };
  if (!CHANGES_ROUTING[action]) return { allowed: true, because: 'no-change-of-routing' };
  if (!hours.open) return { allowed: true, because: 'window' };
  const faults = override === undefined ? [] : overrideFaults(override);
  if (override !== undefined && faults.length === 0) {
    const people = override.people.map((person) => person.trim());
    return { allowed: true, because: 'override', override: { reason: override.reason.trim(), people } };
  }
  const sessions = hours.venues.map(({ venue, closesAt }) => `${venue} is in session until ${closesAt}`);
  const parts = [`${action} would change routing while ${sessions.join(' and ')}`];
  if (faults.length > 0) parts.push(`the override does not count: ${faults.join('; ')}`);
  parts.push(`the next window opens at ${hours.nextWindowAt}`);
  return { allowed: false, message: `${parts.join('. ')}.`, nextWindowAt: hours.nextWindowAt };
}

/** What keeps an override from counting, one clause each; empty when it is whole. */
export function overrideFaults({ reason, people }: GuardOverride): string[] {
  const faults: string[] = [];
  const length = reason.trim().length;
  if (length < REASON_CHARACTERS_MIN || length > REASON_CHARACTERS_MAX)
    faults.push(`a reason has ${REASON_CHARACTERS_MIN} to ${REASON_CHARACTERS_MAX} characters`);
  const unnamed = people.filter((person) => !PERSON_PATTERN.test(person.trim()));
  if (unnamed.length > 0) faults.push(`not a name: ${unnamed.map((person) => `"${person}"`).join(', ')}`);
  const different = new Set(people.map(personKey));
  if (different.size !== PEOPLE_NEEDED || people.length !== PEOPLE_NEEDED)
    faults.push(`two different people must answer for it, not ${different.size}`);
  return faults;
}

/** `jane.doe`, `Jane Doe` and ` JANE  DOE ` are one person. */
function personKey(person: string): string {
  return person
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
}
