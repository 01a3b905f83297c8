/** What goes wrong with a list and is nobody's refusal: it is kept, counted and raised for operations. */
export const LIST_ALERTS = {
  BOTH_FILLED: 'Two orders filled of which one was to cancel the other.',
  OVERFILLED: 'The orders of the list filled more together than was theirs.',
  UNPROTECTED: 'A part of the position of the entry has no exit any more.',
  LEG_DENIED: 'Risk denied an order of the list when it was released.',
  LEG_REJECTED: 'The venue rejected an order of the list.',
  LEG_NOT_RELEASED: 'An order of the list could not be released; it is cancelled.',
  LEG_NOT_RESIZED: 'An order of the list would not take the quantity that its list wants.',
  LEG_NOT_CANCELLED: 'An order of the list could not be cancelled.',
  LEG_LOST: 'The workflow of an order of the list ended without a word.',
} as const;
export type ListAlertCode = keyof typeof LIST_ALERTS;

export interface ListAlert {
  code: ListAlertCode;
  message: string;
  leg: number;
  /** ISO 8601 UTC. */
  at: string;
}

/** The alerts with one more; the same about the same order is raised once, so their number is bounded. */
export function raise(
  alerts: readonly ListAlert[],
  code: ListAlertCode,
  leg: number,
  at: string,
): ListAlert[] {
  if (alerts.some((known) => known.code === code && known.leg === leg)) return [...alerts];
  return [...alerts, { code, message: LIST_ALERTS[code], leg, at }];
}
