export const HALT_SCOPES = ['firm', 'account', 'venue', 'symbol'] as const;
export type HaltScope = (typeof HALT_SCOPES)[number];

/** A stop of trading that is in force. A firm-wide stop has any id. */
export interface ActiveHalt {
  scope: HaltScope;
  id: string;
}

/** Those of `halts` that stop an order with these properties. */
export function haltsOn(
  halts: readonly ActiveHalt[],
  order: { account: string; venue: string; symbol: string },
): ActiveHalt[] {
  return halts.filter(({ scope, id }) => scope === 'firm' || order[scope] === id);
}
